/** What the JSON lines of all kinds of event have in common. @module */
import { EventHeader } from "../events/layout.gen.ts";
import { type Constant, constant, put, putDecimal } from "./bytes.ts";
import { errorCode } from "./error_code.ts";
import { putJsonString } from "./escape.ts";
import { Name } from "./json_raw.ts";
import type { RecordView } from "./output.ts";
import { commEnd, commStart, word } from "./record.ts";

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const OPENING_BRACKET = 0x5b;
export const CLOSING_BRACKET = 0x5d;
export const CLOSING_BRACE = 0x7d;
export const THREAD = constant(',"thread":{"id":');

const PROCESS = constant('},"process":{"pid":');
const COMM = constant('},"name":');
const PARENT = constant(',"parent":{"pid":');
const USER = constant('},"user":{"id":"');
const PROCESS_END = constant('"}}');
const ERROR = constant(',"error":{"code":"');
const ERROR_END = constant('"}');
const FLAGS = constant(',"flags":"');
const AGENT = constant(',"ebpf_agent":{"schema":1');

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
  view: RecordView,
  at: number,
  uid: number,
  out: DataView,
  offset: number,
): number {
  const to = putDecimal(out, put(out, offset, PARENT), word(view, at, EventHeader.ppid));
  return put(out, putDecimal(out, put(out, to, USER), uid), PROCESS_END);
}

/** Writes the start of `ebpf_agent`, behind the error of a call that failed (a negative result). */
export function putAgent(result: number, out: DataView, offset: number): number {
  if (result >= 0) return put(out, offset, AGENT);
  const to = put(out, put(out, offset, ERROR), errorCode(-result));
  return put(out, put(out, to, ERROR_END), AGENT);
}

/** Writes the names of flags. */
export function putFlags(names: Constant, out: DataView, offset: number): number {
  const to = put(out, put(out, offset, FLAGS), names);
  out.setUint8(to, QUOTE);
  return to + 1;
}
