/** What the JSON lines of all kinds of event have in common. @module */
import { EventHeader, Origin } from "../events/layout.gen.ts";
import { type Constant, constant, put, putDecimal } from "./bytes.ts";
import { errorCode } from "./error_code.ts";
import { putJsonString } from "./escape.ts";
import { Name } from "./json_raw.ts";
import type { RecordView } from "./output.ts";
import {
  ancestorStart,
  commEnd,
  commStart,
  countAncestors,
  NO_ORIGIN,
  ttyEnd,
  ttyStart,
  word,
} from "../events/record.ts";

export const THREAD = constant(',"thread":{"id":');

const PROCESS = constant('},"process":{"pid":');
const COMM = constant('},"name":');
const PARENT = constant(',"parent":{"pid":');
const USER = constant('},"user":{"id":"');
const PROCESS_END = constant('"}}');
const PARENT_NAME = constant(',"name":');
const USER_END = constant('"}');
const SESSION_LEADER = constant(',"session_leader":{"pid":');
const SESSION_END = constant("}}");
const TTY_MAJOR = constant('},"tty":{"char_device":{"major":');
const TTY_MINOR = constant(',"minor":');
const TTY_END = constant("}}}");
const ERROR = constant(',"error":{"code":"');
const ERROR_END = constant('"}');
const AGENT_START = ',"ebpf_agent":{"schema":1';
const AGENT = constant(AGENT_START);

/** What stands between an event's time and its sequence number. */
export function eventText(event: {
  readonly category: "file" | "process";
  readonly type: "access" | "change" | "start";
  readonly action: "exec" | "fork" | "open" | "setuid";
  readonly outcome: "success" | "failure";
}): Constant {
  return constant(
    `Z","event":{"kind":"event","category":["${event.category}"],"type":["${event.type}"],` +
      `"action":"${event.action}","outcome":"${event.outcome}","sequence":`,
  );
}

/** Writes the names in an event. */
export class NameWriter {
  /** Where the record's origin starts, or `NO_ORIGIN`; the caller sets it. */
  origin = NO_ORIGIN;
  /** Names in which bytes had to be replaced ({@link Name}); the caller clears it. */
  replaced = 0;

  /** Writes the text from `start` to `end` of `view` as the JSON string that `name` is. */
  put(
    view: RecordView,
    start: number,
    end: number,
    name: number,
    out: DataView,
    offset: number,
  ): number {
    const to = putJsonString(view, start, end, out, offset);
    if (to >= 0) return to;
    this.replaced |= name;
    return ~to;
  }
}

/** Writes the start of `process`: the task that an event is about, by its ids and name. */
export function putTask(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const comm = commStart(at);
  let to = putDecimal(out, put(out, offset, PROCESS), word(view, at, EventHeader.pid));
  to = put(out, putDecimal(out, put(out, to, THREAD), word(view, at, EventHeader.tid)), COMM);
  return names.put(view, comm, commEnd(view.bytes, comm), Name.comm, out, to);
}

/** Writes the end of `process`. */
export function putParentAndUser(
  names: NameWriter,
  view: RecordView,
  at: number,
  uid: number,
  out: DataView,
  offset: number,
): number {
  const to = putDecimal(out, put(out, offset, PARENT), word(view, at, EventHeader.ppid));
  if (names.origin !== NO_ORIGIN) return putUserAndSession(names, view, uid, out, to);
  return put(out, putDecimal(out, put(out, to, USER), uid), PROCESS_END);
}

/** The same for an event whose origin is told, from behind the parent's pid on. */
function putUserAndSession(
  names: NameWriter,
  view: RecordView,
  uid: number,
  out: DataView,
  offset: number,
): number {
  const parent = putParentName(names, view, out, offset);
  const user = put(out, putDecimal(out, put(out, parent, USER), uid), USER_END);
  return putSession(view, names.origin, out, user);
}

function putParentName(
  names: NameWriter,
  view: RecordView,
  out: DataView,
  offset: number,
): number {
  if (countAncestors(view, names.origin) === 0) return offset;
  const comm = ancestorStart(names.origin, 0);
  const end = commEnd(view.bytes, comm);
  return names.put(view, comm, end, Name.parent, out, put(out, offset, PARENT_NAME));
}

/** Writes the leader of the session and the terminal, and the end of `process`. */
function putSession(view: RecordView, origin: number, out: DataView, offset: number): number {
  let to = put(out, offset, SESSION_LEADER);
  to = putDecimal(out, to, word(view, origin, Origin.sessionLeader));
  if (ttyEnd(view.bytes, origin) === ttyStart(origin)) return put(out, to, SESSION_END);
  to = putDecimal(out, put(out, to, TTY_MAJOR), word(view, origin, Origin.ttyMajor));
  to = putDecimal(out, put(out, to, TTY_MINOR), word(view, origin, Origin.ttyMinor));
  return put(out, to, TTY_END);
}

/** Writes the start of `ebpf_agent`. */
export function putAgent(out: DataView, offset: number): number {
  return put(out, offset, AGENT);
}

/** The same, with the names of flags. */
export function agentStart(flags: string): string {
  return `${AGENT_START}${flagsText(flags)}`;
}

/** The names of flags within `ebpf_agent`. */
export function flagsText(names: string): string {
  return `,"flags":"${names}"`;
}

/** Writes the error of a call that failed, whose result is negative. */
export function putError(result: number, out: DataView, offset: number): number {
  if (result >= 0) return offset;
  return put(out, put(out, put(out, offset, ERROR), errorCode(-result)), ERROR_END);
}
