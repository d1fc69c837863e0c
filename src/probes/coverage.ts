/** What each hook does not see: one table for `check`, the metrics and the log. @module */
import type { EventKind, PerKind } from "../events/kinds.ts";
import type { HookName } from "./catalogue.ts";

/** Something that happens, and that is not told of, or not fully. */
export interface BlindSpot {
  /** Stable: a label of metrics, and what src/check/deeds.ts holds its proof against. */
  readonly id: string;
  /** What is not seen, as it follows "does not see". */
  readonly what: string;
}

/** How a kind of event is watched. */
export interface HookInUse {
  readonly hook: HookName;
  /** The BPF programs that are attached. */
  readonly programs: readonly string[];
}

/** A blind spot, and the programs that decide about it: some kernels have no place for them. */
interface Row extends BlindSpot {
  /** Not there where one of these is attached. */
  readonly unless?: readonly string[];
  /** There only where this is attached. */
  readonly with?: string;
}

const COMPAT32 = "compat32";
const HANDLE: Row = {
  id: "open_by_handle_at",
  what: "opens by open_by_handle_at, which takes CAP_DAC_READ_SEARCH",
  unless: ["open_fexit_handle", "open_kretprobe_handle"],
};
const EARLY_FAILURES: Row = {
  id: "early_failures",
  what: "opens that fail before a file is looked for (no descriptor left, an unreadable path)",
  unless: ["open_fexit_refused", "open_kretprobe_refused"],
};
const USELIB: Row = { id: "uselib", what: "opens by uselib, which Linux 6.16 has no longer" };

const BELOW_CALLS: readonly Row[] = [HANDLE, EARLY_FAILURES];
const REPLACED_HANDLE: Row = {
  id: "replaced_handle",
  what: "the file of an open_by_handle_at, where another one is put behind its descriptor at once",
  with: "open_fexit_handle",
  unless: ["open_fexit_root"],
};
const AT_CALLS: readonly Row[] = [
  {
    id: "io_uring",
    what: "opens through io_uring, for which no open call is made",
    unless: ["open_raw_io_uring"],
  },
  { id: "io_uring_path", what: "the path asked for through io_uring", with: "open_raw_io_uring" },
  {
    id: "io_uring_silent",
    what: "opens through io_uring that ask for no completion",
    with: "open_raw_io_uring",
  },
  {
    id: "rewritten_path",
    what: "the path asked for, where another thread rewrites it during the call",
  },
  {
    id: "replaced_descriptor",
    what: "the file, where another one is put behind its descriptor at once",
  },
  USELIB,
];
/** A kretprobe has room for so many calls at once: the kernel's max(10, 2 * CPUs). */
const MANY_BLOCKED: Row = {
  id: "many_blocked",
  what: "opens while ten others wait (for the other end of a FIFO, say); missed counts them from " +
    "Linux 6.7 on",
};

/** What is not seen by each hook of the catalogue. */
export const COVERAGE: PerKind<Readonly<Partial<Record<HookName, readonly Row[]>>>> = {
  exec: {
    fexit: [],
    kprobe: [],
    tp_btf: [],
    raw_tp: [],
    tracepoint: [
      { id: COMPAT32, what: "executions by 32-bit programs that fail" },
      { id: "args_count", what: "how many arguments a program was given" },
    ],
  },
  clone: {
    tp_btf: [],
    raw_tp: [],
    kprobe: [],
    tracepoint: [{
      id: "untraced_threads",
      what: "threads created with CLONE_UNTRACED, which pass for workers of the kernel's",
    }],
  },
  open: {
    fexit: [...BELOW_CALLS, REPLACED_HANDLE],
    kprobe: [...BELOW_CALLS, MANY_BLOCKED],
    tp_btf: AT_CALLS,
    raw_tp: AT_CALLS,
    tracepoint: [...AT_CALLS, { id: COMPAT32, what: "opens by 32-bit programs" }],
  },
  privilege: {
    fentry: [],
    kprobe: [],
    tp_btf: [],
    raw_tp: [],
    tracepoint: [{ id: COMPAT32, what: "changes of user by 32-bit programs" }],
  },
};

/** What is not seen of a kind of event that is watched like this. */
export function blindSpots(
  event: EventKind,
  { hook, programs }: HookInUse,
): readonly BlindSpot[] {
  return (COVERAGE[event][hook] ?? []).filter((row) =>
    !row.unless?.some((name) => programs.includes(name)) &&
    (row.with === undefined || programs.includes(row.with))
  ).map(({ id, what }) => ({ id, what }));
}
