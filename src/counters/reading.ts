/** Everything that is counted, as read at one moment: what metrics, the ledger and logs show. @module */
import type { PerKind } from "../events/kinds.ts";
import type { RuleCounts } from "../rules/rule_counters.ts";

/** The BPF programs' own counters, summed over the CPUs; each is counted on its own. */
export interface KernelCounters {
  readonly seen: number;
  readonly filtered: number;
  readonly submitted: number;
  readonly lost: number;
}

/** What one output did with the events it was given: received = withheld + emitted + dropped + queued. */
export interface OutputCounters {
  readonly name: string;
  readonly emitted: PerKind<number>;
  readonly dropped: PerKind<number>;
  readonly queued: PerKind<number>;
}

/** One BPF program as the kernel accounts for it (`struct bpf_prog_info`). */
export interface ProgramCounters {
  readonly name: string;
  /** Times the kernel did not run it: `recursion_misses` (5.12 and later), and misses of kprobes (6.7). */
  readonly missed: number;
  /** Times it ran; zero unless the kernel's statistics are on. */
  readonly runs: number;
  /** Time it took in all, in seconds; zero unless the kernel's statistics are on. */
  readonly runSeconds: number;
}

/** One reading of everything. Counts stay below 2^53: 285 years at a million a second. */
export interface Reading {
  /** When, in milliseconds of performance.now(), a clock that nobody sets. */
  readonly atMs: number;
  readonly kernel: PerKind<KernelCounters>;
  readonly missed: PerKind<number>;
  readonly received: PerKind<number>;
  /** Received, and not handed to outputs: it came for rules alone, and did not match them after all. */
  readonly withheld: PerKind<number>;
  /** Records that stand in the rings, written by the kernel and not yet taken out. */
  readonly inRing: PerKind<number>;
  /** Attempts of open, openat, openat2 and creat, also those by io_uring. */
  readonly openatCalls: number;
  readonly sudo: number;
  readonly passwdReads: number;
  /** Those passwd reads that the C library's name service asked for. */
  readonly passwdLookups: number;
  /** Those that anybody else asked for. */
  readonly passwdDirect: number;
  /** Of each rule in use. */
  readonly rules: readonly RuleCounts[];
  readonly outputs: readonly OutputCounters[];
  readonly programs: readonly ProgramCounters[];
  /** Whether the ledger closes, within the events that were under way while it was read. */
  readonly balanced: boolean;
}
