/** Where the names in a record begin and end. @module */
import {
  ANCESTORS,
  COMM_SIZE,
  EventHeader,
  EventKindNumber,
  ExecEvent,
  OpenEvent,
  Origin,
  TTY_SIZE,
} from "./layout.gen.ts";
import type { RecordView } from "../outputs/output.ts";

/** One field of the record at byte `at`, as an unsigned number; `| 0` gives the signed one. */
export function word(view: RecordView, at: number, field: number): number {
  return view.words[(at + field) >> 2];
}

/** Stands for where an origin starts in a record that has none. */
export const NO_ORIGIN = -1;

/** Whether the record at `at` starts with the origin of its event. */
export function hasOrigin(view: RecordView, at: number): boolean {
  return word(view, at, EventHeader.kind) >= EventKindNumber.origin;
}

/** Where the event stands in the record at `at`: behind its origin, where it has one. */
export function eventStart(view: RecordView, at: number): number {
  return hasOrigin(view, at) ? at + Origin.byteSize : at;
}

/** Where the name of the n-th process above the one that acts starts; its parent is the 0th. */
export function ancestorStart(origin: number, n: number): number {
  return origin + Origin.ancestorComm + n * COMM_SIZE;
}

/** The pid of the n-th process above the one that acts. */
export function ancestorPid(view: RecordView, origin: number, n: number): number {
  return word(view, origin, Origin.ancestorPid + n * 4);
}

/** How many processes above the one that acts are told: at most up to pid 1. */
export function countAncestors(view: RecordView, origin: number): number {
  for (let n = 0; n < ANCESTORS; n++) {
    const pid = ancestorPid(view, origin, n);
    if (pid <= 1) return n + pid;
  }
  return ANCESTORS;
}

/** Where the name of the terminal starts. */
export function ttyStart(origin: number): number {
  return origin + Origin.tty;
}

/** The end of the name of the terminal, which is its start where there is none. */
export function ttyEnd(bytes: Uint8Array, origin: number): number {
  return textEnd(bytes, ttyStart(origin), ttyStart(origin) + TTY_SIZE);
}

/** The end of the NUL-terminated text at `start`: its first NUL, or `limit` where there is none. */
export function textEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && bytes[at] !== 0) at++;
  return at;
}

/** The end of the name of a task that starts at `start`. */
export function commEnd(bytes: Uint8Array, start: number): number {
  return textEnd(bytes, start, start + COMM_SIZE);
}

/** Where the name of the task that an event is about starts. */
export function commStart(at: number): number {
  return at + EventHeader.comm;
}

/** Where the path that an open asked for starts. */
export function openRequestedStart(at: number): number {
  return at + OpenEvent.bytes;
}

/** Behind the path that an open asked for, and where the one starts that it was resolved to. */
export function openRequestedEnd(view: RecordView, at: number): number {
  return openRequestedStart(at) + word(view, at, OpenEvent.requestedSize);
}

/** Behind the path that an open was resolved to. */
export function openResolvedEnd(view: RecordView, at: number): number {
  return openRequestedEnd(view, at) + word(view, at, OpenEvent.pathSize);
}

/** Where the path begins as the process sees it, which has another root directory. */
export function openViewStart(view: RecordView, at: number): number {
  return openRequestedEnd(view, at) + word(view, at, OpenEvent.rootSize);
}

/** Where the path of the program that an exec ran starts; it ends where the one asked for starts. */
export function executableStart(at: number): number {
  return at + ExecEvent.bytes;
}

/** Where the path that an exec asked for starts; it ends where the arguments start. */
export function requestedStart(view: RecordView, at: number): number {
  return executableStart(at) + word(view, at, ExecEvent.executableSize);
}

/** Where the arguments of an exec start. */
export function argsStart(view: RecordView, at: number): number {
  return requestedStart(view, at) + word(view, at, ExecEvent.requestedSize);
}

/** Behind the arguments of an exec. */
export function argsEnd(view: RecordView, at: number): number {
  return argsStart(view, at) + word(view, at, ExecEvent.argsSize);
}

/** The arguments of an exec, each made a text of. */
export function argsOf(
  view: RecordView,
  at: number,
  textOf: (bytes: Uint8Array) => string,
): readonly string[] {
  const end = argsEnd(view, at);
  const args: string[] = [];
  for (let start = argsStart(view, at); start < end;) {
    const behind = textEnd(view.bytes, start, end);
    args.push(textOf(view.bytes.subarray(start, behind)));
    start = behind + 1;
  }
  return args;
}

/** Whether an exec asked for another path than that of the program it ran, as for a script. */
export function asksForAnother(view: RecordView, at: number): boolean {
  const requested = requestedStart(view, at);
  const end = argsStart(view, at);
  return requested < end && !sameBytes(view, executableStart(at), requested, requested, end);
}

/** Whether the bytes from `a` to `aEnd` are those from `b` to `bEnd`. */
export function sameBytes(
  { bytes, data }: RecordView,
  a: number,
  aEnd: number,
  b: number,
  bEnd: number,
): boolean {
  const size = aEnd - a;
  if (size !== bEnd - b) return false;
  let i = 0;
  for (; i <= size - 4; i += 4) {
    if (data.getInt32(a + i, true) !== data.getInt32(b + i, true)) return false;
  }
  for (; i < size; i++) {
    if (bytes[a + i] !== bytes[b + i]) return false;
  }
  return true;
}
