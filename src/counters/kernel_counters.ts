/** Reads the BPF programs' per-CPU counters and sums the CPUs. @module */
import { EVENT_KINDS, type PerKind, perKind } from "../events/kinds.ts";
import { Counters, EventCounters } from "../events/layout.gen.ts";
import { sumOverCpus } from "../libbpf/map.ts";
import type { KernelCounters } from "./reading.ts";

/** What the counters map holds, summed over the CPUs. */
export interface CountersReading {
  readonly events: PerKind<KernelCounters>;
  /** Those opens that asked for a path: all but open_by_handle_at. */
  readonly pathOpens: number;
  readonly sudo: number;
  /** Reads of passwd that the C library's name service asked for. */
  readonly passwdLookups: number;
  /** Those that anybody else asked for. */
  readonly passwdDirect: number;
}

/** Sums one `struct counters` of each CPU, as a lookup in the per-CPU map gives them. */
export function sumCounters(perCpu: BigUint64Array): CountersReading {
  const sum = (byteOffset: number) => sumOverCpus(perCpu, byteOffset, Counters.byteSize >> 3);
  return {
    events: perKind((_, kind) => {
      const base = Counters.events + kind * EventCounters.byteSize;
      return {
        seen: sum(base + EventCounters.seen),
        filtered: sum(base + EventCounters.filtered),
        submitted: sum(base + EventCounters.submitted),
        lost: sum(base + EventCounters.lost),
      };
    }),
    pathOpens: sum(Counters.pathOpens),
    sudo: sum(Counters.sudo),
    passwdLookups: sum(Counters.passwdLookups),
    passwdDirect: sum(Counters.passwdDirect),
  };
}

/** How many events were lost on each CPU, of whichever kind. */
export function lostByCpu(perCpu: BigUint64Array): readonly number[] {
  const wordsPerCpu = Counters.byteSize >> 3;
  return Array.from({ length: perCpu.length / wordsPerCpu }, (_, cpu) => {
    const lostOf = (kind: number) =>
      Counters.events + kind * EventCounters.byteSize + EventCounters.lost;
    return EVENT_KINDS.reduce(
      (sum, _, kind) => sum + Number(perCpu[cpu * wordsPerCpu + (lostOf(kind) >> 3)]),
      0,
    );
  });
}
