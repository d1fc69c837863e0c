/** The bytes of names that are not UTF-8, for `ebpf_agent.raw` in a JSON event. @module */
import { ExecEvent } from "../events/layout.gen.ts";
import { putBase64 } from "./base64.ts";
import { type Constant, constant, put } from "./bytes.ts";
import {
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COMMA,
  OPENING_BRACE,
  OPENING_BRACKET,
  QUOTE,
} from "./json_signs.ts";
import type { RecordView } from "./output.ts";
import {
  ancestorStart,
  argsEnd,
  argsStart,
  commEnd,
  commStart,
  countAncestors,
  executableStart,
  openRequestedEnd,
  openRequestedStart,
  openResolvedEnd,
  openViewStart,
  requestedStart,
  textEnd,
  ttyEnd,
  ttyStart,
} from "../events/record.ts";

/** Names that can stand in an event: one bit each. */
export const Name = {
  comm: 1,
  executable: 2,
  args: 4,
  path: 8,
  requested: 16,
  previous: 32,
  /** The path that an open was resolved to; `path` is the one that it asked for. */
  resolved: 64,
  /** The path that an open asked for, where `file.path` is the resolved one. */
  openRequested: 128,
  /** The resolved path as the process sees it. */
  viewed: 256,
  parent: 512,
  ancestors: 1024,
  tty: 2048,
} as const;

const IN_AGENT = Name.requested | Name.previous | Name.openRequested | Name.viewed | Name.tty |
  Name.ancestors;

const RAW = constant(',"raw":{');
const PROCESS = constant('"process":{');
const COMM = constant('"name":');
const EXECUTABLE = constant('"executable":');
const ARGS = constant('"args":[');
const FILE = constant('"file":{');
const PATH = constant('"path":');
const AGENT = constant('"ebpf_agent":{');
const REQUESTED = constant('"requested":{');
const PREVIOUS = constant('"previous":{');
const PARENT = constant('"parent":{');
const ANCESTORS = constant('"ancestors":[');
const ANCESTOR = constant('{"name":');
const TTY = constant('"tty":');

/** What is asked of a record. */
export interface ReplacedNames {
  /** {@link Name}, any of them. */
  readonly replaced: number;
  /** Where the record's origin starts. */
  readonly origin: number;
}

/**
 * Writes `,"raw":{…}` with the base64 of names of a record, each at the path where the event has it,
 * and returns the offset behind it.
 */
export function putRawNames(
  view: RecordView,
  at: number,
  { replaced: names, origin }: ReplacedNames,
  out: DataView,
  offset: number,
): number {
  let to = put(out, offset, RAW);
  if (names & (Name.comm | Name.executable | Name.args | Name.parent)) {
    to = putProcess(view, at, names, out, member(out, to, PROCESS));
    if (names & Name.parent) {
      const comm = ancestorStart(origin, 0);
      to = member(out, member(out, to, PARENT), COMM);
      to = close(out, putRaw(view.bytes, comm, commEnd(view.bytes, comm), out, to));
    }
    to = close(out, to);
  }
  if (names & (Name.path | Name.resolved)) {
    to = member(out, member(out, to, FILE), PATH);
    to = names & Name.path
      ? putRaw(view.bytes, openRequestedStart(at), openRequestedEnd(view, at), out, to)
      : putRaw(view.bytes, openRequestedEnd(view, at), openResolvedEnd(view, at), out, to);
    to = close(out, to);
  }
  if (names & IN_AGENT) {
    to = putAgent(view, at, names, out, member(out, to, AGENT));
    to = close(out, putOrigin(view, origin, names, out, to));
  }
  return close(out, to);
}

function putProcess(
  view: RecordView,
  at: number,
  names: number,
  out: DataView,
  offset: number,
): number {
  const bytes = view.bytes;
  let to = offset;
  if (names & Name.comm) {
    const comm = commStart(at);
    to = putRaw(bytes, comm, commEnd(bytes, comm), out, member(out, to, COMM));
  }
  if (names & Name.executable) {
    to = member(out, to, EXECUTABLE);
    to = putRaw(bytes, executableStart(at), requestedStart(view, at), out, to);
  }
  if (names & Name.args) {
    to = putRawArgs(bytes, argsStart(view, at), argsEnd(view, at), out, member(out, to, ARGS));
  }
  return to;
}

function putAgent(
  view: RecordView,
  at: number,
  names: number,
  out: DataView,
  offset: number,
): number {
  const bytes = view.bytes;
  let to = offset;
  if (names & Name.requested) {
    to = member(out, member(out, to, REQUESTED), PATH);
    to = close(out, putRaw(bytes, requestedStart(view, at), argsStart(view, at), out, to));
  }
  if (names & Name.openRequested) {
    to = member(out, member(out, to, REQUESTED), PATH);
    to = close(out, putRaw(bytes, openRequestedStart(at), openRequestedEnd(view, at), out, to));
  }
  if (names & Name.viewed) {
    to = member(out, member(out, to, PROCESS), PATH);
    to = close(out, putRaw(bytes, openViewStart(view, at), openResolvedEnd(view, at), out, to));
  }
  if (names & Name.previous) {
    const comm = at + ExecEvent.previousComm;
    to = member(out, member(out, to, PREVIOUS), COMM);
    to = close(out, putRaw(bytes, comm, commEnd(bytes, comm), out, to));
  }
  return to;
}

function putOrigin(
  view: RecordView,
  origin: number,
  names: number,
  out: DataView,
  offset: number,
): number {
  const bytes = view.bytes;
  let to = offset;
  if (names & Name.tty) {
    to = putRaw(bytes, ttyStart(origin), ttyEnd(bytes, origin), out, member(out, to, TTY));
  }
  if (names & Name.ancestors) {
    const count = countAncestors(view, origin);
    to = member(out, to, ANCESTORS);
    for (let n = 0; n < count; n++) {
      const comm = ancestorStart(origin, n);
      if (n > 0) out.setUint8(to++, COMMA);
      to = close(out, putRaw(bytes, comm, commEnd(bytes, comm), out, put(out, to, ANCESTOR)));
    }
    out.setUint8(to++, CLOSING_BRACKET);
  }
  return to;
}

function putRawArgs(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  offset: number,
): number {
  let to = offset;
  for (let at = start; at < end;) {
    const argEnd = textEnd(bytes, at, end);
    if (out.getUint8(to - 1) !== OPENING_BRACKET) out.setUint8(to++, COMMA);
    to = putRaw(bytes, at, argEnd, out, to);
    at = argEnd + 1;
  }
  out.setUint8(to, CLOSING_BRACKET);
  return to + 1;
}

function putRaw(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  offset: number,
): number {
  out.setUint8(offset, QUOTE);
  const to = putBase64(bytes, start, end, out, offset + 1);
  out.setUint8(to, QUOTE);
  return to + 1;
}

/** Writes a key, behind a comma unless it is an object's first. */
function member(out: DataView, offset: number, key: Constant): number {
  let to = offset;
  if (out.getUint8(to - 1) !== OPENING_BRACE) out.setUint8(to++, COMMA);
  return put(out, to, key);
}

function close(out: DataView, offset: number): number {
  out.setUint8(offset, CLOSING_BRACE);
  return offset + 1;
}
