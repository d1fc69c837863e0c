/** Where the names in a record begin and end. @module */
import { COMM_SIZE, EventHeader, ExecEvent, OpenEvent } from "../events/layout.gen.ts";
import type { RecordView } from "./output.ts";

/** One field of the record at byte `at`, as an unsigned number; `| 0` gives the signed one. */
export function word(view: RecordView, at: number, field: number): number {
  return view.words[(at + field) >> 2];
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

/** Whether an exec asked for another path than that of the program it ran, as for a script. */
export function asksForAnother(view: RecordView, at: number): boolean {
  const requested = requestedStart(view, at);
  const end = argsStart(view, at);
  return requested < end && !sameBytes(view.bytes, executableStart(at), requested, requested, end);
}

/** Whether the bytes from `a` to `aEnd` are those from `b` to `bEnd`. */
export function sameBytes(
  bytes: Uint8Array,
  a: number,
  aEnd: number,
  b: number,
  bEnd: number,
): boolean {
  if (aEnd - a !== bEnd - b) return false;
  for (let i = 0; i < aEnd - a; i++) {
    if (bytes[a + i] !== bytes[b + i]) return false;
  }
  return true;
}
