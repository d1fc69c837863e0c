/** Replays opens like those of the load generator for some seconds, and prints the CPU time of each in µs. @module */
import { openRecord } from "../../src/outputs/record_fixture.ts";
import { OPENED } from "../loads.ts";
import { cpuSeconds } from "../process.ts";
import { createReplay, replayedOf } from "./replay.ts";

/** As many as come between two looks at the rings when a generator does what it can. */
const RECORDS = 1024;
const APART_NS = 4000;
const PASSES = 50;
/** By when V8 has compiled everything as well as it ever will. */
const WARM_UP_MS = 2000;

const [work, milliseconds] = Deno.args;
const format = replayedOf(work);
/** Only JSON tells what a path was resolved to. */
const told = format === "json"
  ? { resolved: OPENED, device: 254 << 20, inode: [0, 1234] } as const
  : {};
const replay = createReplay(
  format,
  Array.from({ length: RECORDS }, (_, n) =>
    openRecord(
      { comm: "opens", pid: 12_345, tid: 12_345, ppid: 12_344, time: BigInt(n * APART_NS) },
      { path: OPENED, ...told },
    )),
);
await replayFor(WARM_UP_MS);
const before = cpuSeconds([Deno.pid]);
const count = await replayFor(Number(milliseconds));
const each = (cpuSeconds([Deno.pid]) - before) / count * 1e6;
Deno.stdout.writeSync(new TextEncoder().encode(`${each}\n`));

/** Returns how many opens that were. */
async function replayFor(milliseconds: number): Promise<number> {
  let count = 0;
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    await replay(PASSES);
    count += PASSES * RECORDS;
  }
  return count;
}
