/** A scrape for tests: whatever can differ does. @module */
import { type EventKind, perKind } from "../events/kinds.ts";
import type { Scrape } from "./family.ts";

/** Has two outputs, a program that counts beyond 32 bits, and a hook that could not be attached. */
export const SCRAPE: Scrape = {
  reading: {
    atMs: 82_123.5,
    kernel: perKind((_, index) => ({
      seen: 1000 + index,
      filtered: 100 + index,
      submitted: 800 + index,
      lost: 100 - index,
    })),
    missed: perKind((_, index) => 10 + index),
    received: perKind((_, index) => 790 + index),
    withheld: perKind((_, index) => 6 + index),
    inRing: perKind((_, index) => 20 + index),
    openatCalls: 995,
    sudo: 3,
    passwdReads: 7,
    passwdLookups: 5,
    passwdDirect: 2,
    rules: [
      { name: "shadow-read", severity: "high", matches: 12, suppressed: 2 },
      { name: "tmp-exec", severity: "medium", matches: 0, suppressed: 0 },
    ],
    outputs: ["text", "json"].map((name, output) => ({
      name,
      emitted: perKind((_, index) => 700 + 10 * output + index),
      dropped: perKind((_, index) => 50 + 10 * output + index),
      queued: perKind((_, index) => 30 + 10 * output + index),
    })),
    programs: [
      { name: "count_open", missed: 0, runs: 2 ** 53 - 1, runSeconds: 0.000000125 },
      { name: "count_exec", missed: 5, runs: 12, runSeconds: 1.5 },
    ],
    balanced: true,
  },
  lastPollMs: 1_795_291_781_500,
  build: { version: "0.1.0", deno: "2.9.6", libbpf: "1.1.2", kernel: "6.1.0-18-amd64" },
  probes: [
    probe("exec", "tp_btf/sched_process_exec"),
    probe("clone", "tp_btf/task_newtask"),
    probe("open", "tp_btf/sys_exit", false),
    probe("open", "raw_tp/sys_exit"),
    probe("privilege", "tp_btf/sys_exit"),
  ],
  blindSpots: [
    { event: "open", spot: "io_uring" },
    { event: "privilege", spot: "io_uring" },
    { event: "open", spot: "compat32" },
  ],
  transport: "perf",
  process: {
    cpuSeconds: 1.25,
    residentBytes: 57_000_000,
    virtualBytes: 18_586_001_408,
    startTimeSeconds: 1_795_291_700.83,
    openFds: 22,
    maxFds: 20_000,
    maxVirtualBytes: 2 ** 64,
    threads: 7,
  },
  bpfStats: true,
  reload: { successful: false, succeededAtMs: 1_795_291_702_250 },
};

/** What a label value may hold to make a parser stumble. */
export const HOSTILE_LABEL = 'a "quoted" \\ back\\nslash\nnewline\r{x="y"} 1 # EOF é 🐝';

function probe(event: EventKind, hook: string, attached = true) {
  return { event, hook, attached };
}
