/**
 * Replays opens like those of the load generator for a while, with a pause between batches or without
 * one, and prints the CPU time of each open in µs.
 * @module
 */
import { openRecord } from "../../src/outputs/record_fixture.ts";
import { OPENED } from "../loads.ts";
import { cpuSeconds } from "../process.ts";
import { createReplay, replayedOf } from "./replay.ts";

/** About as many as come between two looks at the rings while a generator does what it can. */
const RECORDS = 1024;
const APART_NS = 4000;
/** Batches between two looks at the clock. */
const BATCHES = 20;
/** By when V8 has compiled everything as well as it ever will. */
const WARM_UP_MS = 2000;

const [name, milliseconds, pauseMs] = Deno.args;
const format = replayedOf(name);
const replay = createReplay(
  format,
  Array.from({ length: RECORDS }, (_, n) =>
    openRecord(
      { comm: "opens", pid: 12_345, tid: 12_345, ppid: 12_344, time: BigInt(n * APART_NS) },
      {
        path: OPENED,
        // Only JSON tells what a path was resolved to.
        ...(format === "json" && { resolved: OPENED, device: 254 << 20, inode: [0, 1234] }),
      },
    )),
);
await replayFor(WARM_UP_MS, 0);
const before = cpuSeconds([Deno.pid]);
const count = await replayFor(Number(milliseconds), Number(pauseMs));
const each = (cpuSeconds([Deno.pid]) - before) / count * 1e6;
Deno.stdout.writeSync(new TextEncoder().encode(`${each}\n`));

/** Returns how many opens that were. */
async function replayFor(milliseconds: number, pauseMs: number): Promise<number> {
  const never = new Int32Array(new SharedArrayBuffer(4));
  let batches = 0;
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    for (let batch = 0; batch < BATCHES; batch++) {
      await replay(1);
      // On this thread, as the agent sleeps.
      if (pauseMs > 0) Atomics.wait(never, 0, 0, pauseMs);
    }
    batches += BATCHES;
  }
  return batches * RECORDS;
}
