/** What is particular to the JSON line of a program's execution. @module */
import { Cut, EventHeader, ExecEvent } from "../events/layout.gen.ts";
import { type Constant, constant, put, putDecimal } from "./bytes.ts";
import { type NameWriter, putAgent, putError, putParentAndUser } from "./json_parts.ts";
import { Name } from "./json_raw.ts";
import { CLOSING_BRACE, CLOSING_BRACKET, COMMA, OPENING_BRACKET } from "./json_signs.ts";
import type { RecordView } from "./output.ts";
import {
  argsEnd,
  argsStart,
  asksForAnother,
  commEnd,
  executableStart,
  requestedStart,
  textEnd,
  word,
} from "../events/record.ts";

const EXECUTABLE = constant(',"executable":');
const ARGS = constant(',"args":[');
const ARGS_COUNT = constant(',"args_count":');
const REAL_USER = constant(',"real_user":{"id":"');
const REAL_USER_END = constant('"}');
const REQUESTED = constant(',"requested":{"path":');
const PREVIOUS = constant(',"previous":{"name":');

const CUT_BITS = Cut.path | Cut.requested | Cut.args;
/** `,"cut":[…]` for each combination of bits, empty for none. */
const CUTS = Array.from({ length: CUT_BITS + 1 }, (_, bits) => cutText(bits));

/** Writes what follows the name of the task, up to the end of what is in `ebpf_agent`. */
export function putExec(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const error = word(view, at, ExecEvent.error) | 0;
  const argsCount = word(view, at, ExecEvent.argsCount);
  let to = error < 0 ? offset : putProgram(names, view, at, out, offset);
  if (argsCount !== 0) to = putDecimal(out, put(out, to, ARGS_COUNT), argsCount);
  to = putRealUser(view, at, out, to);
  to = putParentAndUser(names, view, at, word(view, at, EventHeader.uid), out, to);
  to = putAgent(out, putError(error, out, to));
  const cut = word(view, at, ExecEvent.cut) & CUT_BITS;
  if (error < 0 || (cut & Cut.requested) !== 0 || asksForAnother(view, at)) {
    to = put(out, to, REQUESTED);
    to = names.put(view, requestedStart(view, at), argsStart(view, at), Name.requested, out, to);
    out.setUint8(to++, CLOSING_BRACE);
  }
  return put(out, putPrevious(names, view, at, out, to), CUTS[cut]);
}

/** Who runs a program that has another user's rights, as one that is setuid. */
function putRealUser(view: RecordView, at: number, out: DataView, offset: number): number {
  const user = word(view, at, ExecEvent.realUid);
  if (user === word(view, at, EventHeader.uid)) return offset;
  return put(out, putDecimal(out, put(out, offset, REAL_USER), user), REAL_USER_END);
}

function putProgram(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const path = executableStart(at);
  const to = put(out, offset, EXECUTABLE);
  const behind = names.put(view, path, requestedStart(view, at), Name.executable, out, to);
  return putArgs(names, view, at, out, behind);
}

function putArgs(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const end = argsEnd(view, at);
  let arg = argsStart(view, at);
  if (arg === end) return offset;
  let to = put(out, offset, ARGS);
  while (arg < end) {
    const argEnd = textEnd(view.bytes, arg, end);
    if (out.getUint8(to - 1) !== OPENING_BRACKET) out.setUint8(to++, COMMA);
    to = names.put(view, arg, argEnd, Name.args, out, to);
    arg = argEnd + 1;
  }
  out.setUint8(to, CLOSING_BRACKET);
  return to + 1;
}

function putPrevious(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const comm = at + ExecEvent.previousComm;
  const end = commEnd(view.bytes, comm);
  if (comm === end) return offset;
  const to = names.put(view, comm, end, Name.previous, out, put(out, offset, PREVIOUS));
  out.setUint8(to, CLOSING_BRACE);
  return to + 1;
}

function cutText(bits: number): Constant {
  const names = [
    ...(bits & Cut.path ? ["process.executable"] : []),
    ...(bits & Cut.args ? ["process.args"] : []),
    ...(bits & Cut.requested ? ["ebpf_agent.requested.path"] : []),
  ];
  return constant(names.length === 0 ? "" : `,"cut":${JSON.stringify(names)}`);
}
