/** What the JSON line of an event tells of where its process comes from, under `ebpf_agent`. @module */
import { Origin } from "../events/layout.gen.ts";
import { constant, put, putDecimal } from "./bytes.ts";
import type { NameWriter } from "./json_parts.ts";
import { Name } from "./json_raw.ts";
import { CLOSING_BRACE, CLOSING_BRACKET, COMMA, QUOTE } from "./json_signs.ts";
import type { RecordView } from "./output.ts";
import {
  ancestorPid,
  ancestorStart,
  commEnd,
  countAncestors,
  ttyEnd,
  ttyStart,
  word,
} from "../events/record.ts";

/** The kernel's name for nobody and for no session. */
const NONE = 0xffff_ffff;

/** UNIX98_PTY_SLAVE_MAJOR of include/uapi/linux/major.h: the terminals below /dev/pts. */
const PTS_MAJOR = 136;

const LOGIN = constant(',"login":{');
const LOGIN_USER = constant('"user":{"id":"');
const LOGIN_USER_END = constant('"}');
const LOGIN_SESSION = constant('"session":');
const TTY = constant(',"tty":');
const PTS = constant('"pts/');
const CONTAINER = constant(',"container":true');
const ANCESTORS = constant(',"ancestors":[');
const ANCESTOR = constant('{"pid":');
const ANCESTOR_NAME = constant(',"name":');

/** Writes what there is to tell, in front of the raw names. */
export function putOrigin(
  names: NameWriter,
  view: RecordView,
  out: DataView,
  offset: number,
): number {
  const { origin } = names;
  let to = putLogin(view, origin, out, offset);
  to = putTerminal(names, view, out, to);
  if (word(view, origin, Origin.container) !== 0) to = put(out, to, CONTAINER);
  return putAncestors(names, view, out, to);
}

function putLogin(view: RecordView, origin: number, out: DataView, offset: number): number {
  const user = word(view, origin, Origin.loginUid);
  const session = word(view, origin, Origin.loginSession);
  if (user === NONE && session === NONE) return offset;
  let to = put(out, offset, LOGIN);
  if (user !== NONE) {
    to = put(out, putDecimal(out, put(out, to, LOGIN_USER), user), LOGIN_USER_END);
    if (session !== NONE) out.setUint8(to++, COMMA);
  }
  if (session !== NONE) to = putDecimal(out, put(out, to, LOGIN_SESSION), session);
  out.setUint8(to, CLOSING_BRACE);
  return to + 1;
}

/** The terminal as it is named in /dev; the kernel itself calls pts/3 pts3. */
function putTerminal(
  names: NameWriter,
  view: RecordView,
  out: DataView,
  offset: number,
): number {
  const { origin } = names;
  const start = ttyStart(origin);
  const end = ttyEnd(view.bytes, origin);
  if (start === end) return offset;
  const to = put(out, offset, TTY);
  if (word(view, origin, Origin.ttyMajor) !== PTS_MAJOR) {
    return names.put(view, start, end, Name.tty, out, to);
  }
  const behind = putDecimal(out, put(out, to, PTS), word(view, origin, Origin.ttyMinor));
  out.setUint8(behind, QUOTE);
  return behind + 1;
}

function putAncestors(
  names: NameWriter,
  view: RecordView,
  out: DataView,
  offset: number,
): number {
  const { origin } = names;
  const count = countAncestors(view, origin);
  if (count === 0) return offset;
  let to = put(out, offset, ANCESTORS);
  for (let n = 0; n < count; n++) {
    const comm = ancestorStart(origin, n);
    if (n > 0) out.setUint8(to++, COMMA);
    to = putDecimal(out, put(out, to, ANCESTOR), ancestorPid(view, origin, n));
    to = put(out, to, ANCESTOR_NAME);
    to = names.put(view, comm, commEnd(view.bytes, comm), Name.ancestors, out, to);
    out.setUint8(to++, CLOSING_BRACE);
  }
  out.setUint8(to, CLOSING_BRACKET);
  return to + 1;
}
