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

/** Where the path of an open starts. */
export function pathStart(at: number): number {
  return at + OpenEvent.bytes;
}

/** Behind the path of an open. */
export function pathEnd(view: RecordView, at: number): number {
  return pathStart(at) + word(view, at, OpenEvent.pathSize);
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
  const size = word(view, at, ExecEvent.requestedSize);
  if (size === 0) return false;
  if (size !== word(view, at, ExecEvent.executableSize)) return true;
  const executable = executableStart(at);
  const requested = requestedStart(view, at);
  for (let i = 0; i < size; i++) {
    if (view.bytes[executable + i] !== view.bytes[requested + i]) return true;
  }
  return false;
}
