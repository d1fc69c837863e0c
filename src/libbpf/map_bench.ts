/** What reading the counters costs, on the real kernel: once a poll, twice a scrape. Needs root. @module */
import { openLibbpf } from "./library.ts";
import { PerCpuArray } from "./map.ts";
import { loadTestObject } from "./testing_object.ts";

if (Deno.uid() === 0) {
  // Open until the process ends: benchmarks run after this file has been read.
  const object = await loadTestObject(openLibbpf());
  const counts = new PerCpuArray(object.map("counts"));
  const into = counts.buffer();
  Deno.bench("a per-CPU element, all CPUs", () => counts.readPerCpu(0, into));
}
