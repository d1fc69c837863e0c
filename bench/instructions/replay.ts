/**
 * Does over and over what the agent does all day, with no kernel and no clock: takes recorded events out of
 * a ring and makes lines of them, or writes its metrics out. It is run by count.ts.
 * @module
 */
import { Drain } from "../../src/events/drain.ts";
import { PerfRing } from "../../src/events/perf_ring.ts";
import { expose } from "../../src/metrics/exposition.ts";
import { FAMILIES } from "../../src/metrics/families.ts";
import { SCRAPE } from "../../src/metrics/scrape_fixture.ts";
import { createJsonFormat } from "../../src/outputs/json_lines.ts";
import type { Format } from "../../src/outputs/output.ts";
import { CLOCK } from "../../src/outputs/record_fixture.ts";
import { StdoutOutput } from "../../src/outputs/stdout.ts";
import { createTextFormat } from "../../src/outputs/text.ts";
import { readLines, recordOf } from "./recorded.ts";
import { frame, RingWriter } from "./ring_writer.ts";

/** What is done once more in each pass. */
type Work = () => Promise<void> | void;

const RING_SIZE = 2 ** 20;
const BATCH = 1024;

/** By the names that count.ts uses. */
const WORKS: Readonly<Record<string, () => Work>> = {
  text: () => draining(createTextFormat(CLOCK), false),
  json: () => draining(createJsonFormat(CLOCK), true),
  metrics: () => () => {
    if (expose(FAMILIES, SCRAPE, "text") === "") throw new Error("There are no metrics");
  },
};

function draining(format: Format, paths: boolean): Work {
  const lines = readLines(new URL("recorded.jsonl", import.meta.url));
  const batch = frame(lines.map((line) => recordOf(line, paths)));
  const writer = new RingWriter(RING_SIZE);
  const output = new StdoutOutput({
    name: "nowhere",
    format,
    write: (bytes) => Promise.resolve(bytes.length),
  });
  const drain = new Drain([new PerfRing(writer)], [output]);
  return async () => {
    writer.write(batch);
    const taken = drain.run(BATCH);
    if (taken !== lines.length) throw new Error(`Took ${taken} events of ${lines.length}`);
    output.flush();
    await output.idle();
  };
}

const [name = "", passes = "1"] = Deno.args;
const work = WORKS[name]();
for (let pass = 0; pass < Number(passes); pass++) await work();
