/** The events that a check makes, in every way there is, and how each is known again. @module */
import type { EventKind } from "../events/kinds.ts";

/** One event to be made by src/check/prove/prove.c, whose table has the same names. */
export interface Deed {
  readonly id: string;
  readonly event: EventKind;
  readonly what: string;
  /** The blind spot of src/probes/coverage.ts that announces that it is not seen. */
  readonly spot?: string;
  /** What the call returns where it was made as meant: not an error, or this errno. */
  readonly returns: "success" | number;
}

/** What became of a deed, as the proving program reports it. */
export interface Account {
  readonly id: string;
  /** The name of the process that did it. */
  readonly name: string;
  /** What the call returned: an errno is negative. */
  readonly result: number;
  /** The signal that ended the process, or 0. */
  readonly signal: number;
}

/** What an event says that was delivered. */
export interface Sighting {
  readonly event: EventKind;
  /** The task's name; for a program executed its first argument. */
  readonly name: string;
  /** The errno, or 0. */
  readonly errno: number;
}

const EACCES = 13;
const ENOTDIR = 20;
const ENOSYS = 38;
const SIGSEGV = 11;

export const DEEDS: readonly Deed[] = [
  ...deeds("exec", [
    { id: "exec", what: "a program executed by execve" },
    { id: "execveat", what: "a program executed by execveat" },
    { id: "exec_failed", what: "an execve that fails", returns: ENOTDIR },
    {
      id: "exec_32bit",
      what: "an execve that fails in a 32-bit program",
      returns: ENOTDIR,
      spot: "compat32",
    },
  ]),
  ...deeds("clone", [
    { id: "fork", what: "a process created by fork" },
    { id: "vfork", what: "a process created by vfork" },
    { id: "clone", what: "a process created by clone" },
    { id: "clone3", what: "a process created by clone3" },
    { id: "thread", what: "a thread created by clone" },
    {
      id: "thread_untraced",
      what: "a thread created with CLONE_UNTRACED",
      spot: "untraced_threads",
    },
    { id: "fork_32bit", what: "a process created by a 32-bit program" },
  ]),
  ...deeds("open", [
    { id: "open", what: "a file opened by open" },
    { id: "openat", what: "a file opened by openat" },
    { id: "openat2", what: "a file opened by openat2" },
    { id: "creat", what: "a file opened by creat" },
    { id: "open_failed", what: "an open that fails", returns: ENOTDIR },
    { id: "open_32bit", what: "a file opened by a 32-bit program", spot: "compat32" },
    { id: "open_io_uring", what: "a file opened through io_uring", spot: "io_uring" },
    {
      id: "open_by_handle_at",
      what: "a file opened by open_by_handle_at",
      spot: "open_by_handle_at",
    },
    { id: "uselib", what: "a file opened by uselib", returns: EACCES, spot: "uselib" },
  ]),
  ...deeds("privilege", [
    { id: "setuid", what: "a change of user by setuid" },
    { id: "setreuid", what: "a change of user by setreuid" },
    { id: "setresuid", what: "a change of user by setresuid" },
    { id: "setuid_32bit", what: "a change of user by a 32-bit program", spot: "compat32" },
  ]),
];

/** Reads the proving program's report; throws where it is none. */
export function readAccounts(text: string): ReadonlyMap<string, Account> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => {
    const match = /^(\w+) (\S+) (-?\d+) (\d+)$/.exec(line);
    if (match === null) throw new TypeError(`Cannot read the proving program's report: ${line}`);
    const [, id = "", name = "", result, signal] = match;
    return [id, { id, name, result: Number(result), signal: Number(signal) }];
  }));
}

/** Whether a deed was carried out as meant, so that there is an event to be seen. */
export function wasMade({ returns }: Deed, { result, signal }: Account): boolean {
  if (signal !== 0) return false;
  return returns === "success" ? result >= 0 : result === -returns;
}

/** Whether this kernel has no such call at all, so that there is nothing that could be missed. */
export function isAbsent({ id, result, signal }: Account): boolean {
  return result === -ENOSYS || (signal === SIGSEGV && id.endsWith("_32bit"));
}

function deeds(
  event: EventKind,
  rows: readonly (Pick<Deed, "id" | "what"> & Partial<Deed>)[],
): readonly Deed[] {
  return rows.map((row) => ({ event, returns: "success", ...row }));
}

/** Whether an event is that of a deed. */
export function isSightingOf(deed: Deed, account: Account, sighting: Sighting): boolean {
  const { event, name, errno } = sighting;
  return event === deed.event && name === account.name &&
    errno === (deed.returns === "success" ? 0 : deed.returns);
}
