/** Replays recorded events with no clock, in stretches that count.ts has valgrind count. @module */
import { createReplay, replayedOf } from "../replay/replay.ts";
import { readLines, recordOf } from "./recorded.ts";

/** After so many passes V8 has compiled everything as well as it ever will. */
const WARM_UP = 1000;
const REGIONS = 10;
const PASSES_A_REGION = 5;

const [work, library = ""] = Deno.args;
const format = replayedOf(work);
const lines = readLines(new URL("recorded.jsonl", import.meta.url));
const replay = createReplay(format, lines.map((line) => recordOf(line, format === "json")));
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
