/** What the counters map holds, read back from memory laid out as the kernel's. @module */
import assert from "node:assert/strict";
import { Counters, EventCounters } from "../events/layout.gen.ts";
import { lostByCpu, sumCounters } from "./kernel_counters.ts";

Deno.test("lostByCpu() adds up a CPU's kinds of event, where sumCounters() adds up the CPUs", () => {
  const words = Counters.byteSize >> 3;
  const perCpu = new BigUint64Array(3 * words);
  const lose = (cpu: number, kind: number, count: bigint) => {
    const at = Counters.events + kind * EventCounters.byteSize + EventCounters.lost;
    perCpu[cpu * words + (at >> 3)] = count;
  };
  lose(0, 0, 1n);
  lose(2, 0, 20n);
  lose(2, 3, 300n);
  assert.deepEqual(lostByCpu(perCpu), [1, 0, 320]);
  assert.equal(sumCounters(perCpu).events.exec.lost, 21);
});
