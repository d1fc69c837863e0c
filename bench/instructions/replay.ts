/**
 * Does over and over what the agent does all day, with no kernel and no clock: takes recorded events out of
 * a ring and makes lines of them. count.ts runs it under valgrind.
 * @module
 */
import { Drain } from "../../src/events/drain.ts";
import { PerfRing } from "../../src/events/perf_ring.ts";
import { createJsonFormat } from "../../src/outputs/json_lines.ts";
import { CLOCK } from "../../src/outputs/record_fixture.ts";
import { StdoutOutput } from "../../src/outputs/stdout.ts";
import { createTextFormat } from "../../src/outputs/text.ts";
import { readLines, recordOf } from "./recorded.ts";
import { frame, RingWriter } from "./ring_writer.ts";

const RING_SIZE = 2 ** 20;
const BATCH = 1024;
/** After so many passes V8 has compiled everything as well as it ever will. */
const WARM_UP = 1000;
const REGIONS = 10;
const PASSES_A_REGION = 5;

/** One pass over all recorded events. */
function replayed(isJson: boolean, events: readonly ReturnType<typeof recordOf>[]) {
  const batch = frame(events);
  const writer = new RingWriter(RING_SIZE);
  const output = new StdoutOutput({
    name: "nowhere",
    format: isJson ? createJsonFormat(CLOCK) : createTextFormat(CLOCK),
    write: (bytes) => Promise.resolve(bytes.length),
  });
  const drain = new Drain([new PerfRing(writer)], [output]);
  return async (passes: number) => {
    for (let pass = 0; pass < passes; pass++) {
      writer.write(batch);
      const taken = drain.run(BATCH);
      if (taken !== events.length) throw new Error(`Took ${taken} events of ${events.length}`);
      output.flush();
      await output.idle();
    }
  };
}

const [work, library = ""] = Deno.args;
const isJson = work === "json";
const lines = readLines(new URL("recorded.jsonl", import.meta.url));
const replay = replayed(isJson, lines.map((line) => recordOf(line, isJson)));
const { symbols: region } = Deno.dlopen(library, {
  count_from_here: { parameters: [], result: "void" },
  count_to_here: { parameters: [], result: "void" },
});
await replay(WARM_UP);
for (let number = 0; number < REGIONS; number++) {
  region.count_from_here();
  await replay(PASSES_A_REGION);
  region.count_to_here();
}
// For count.ts: how many events a region is about.
Deno.stdout.writeSync(new TextEncoder().encode(`${PASSES_A_REGION * lines.length}\n`));
