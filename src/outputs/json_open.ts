/** What is particular to the JSON line of an attempt to open a file. @module */
import { Cut, EventHeader, Mark, NO_DESCRIPTOR, OpenEvent, Road } from "../events/layout.gen.ts";
import { type Constant, constant, put, putDecimal } from "./bytes.ts";
import { CachedNames } from "./cached_names.ts";
import { openFlagNames } from "./flags.ts";
import { type NameWriter, putAgent, putFlags, putParentAndUser } from "./json_parts.ts";
import { Name } from "./json_raw.ts";
import { CLOSING_BRACE, QUOTE } from "./json_signs.ts";
import type { RecordView } from "./output.ts";
import {
  openRequestedEnd,
  openRequestedStart,
  openResolvedEnd,
  openViewStart,
  sameBytes,
  word,
} from "../events/record.ts";

const FILE = constant(',"file":{');
const PATH = constant('"path":');
const INODE = constant('"inode":"');
const COMMA_INODE = constant(',"inode":"');
const DESCRIPTOR = constant(',"fd":');
const DEVICE = constant(',"device":"');
const REQUESTED = constant(',"requested":{"path":');
const VIEWED = constant(',"process":{"path":');
const ROOT_VIEWED = constant(',"process":{"path":"/"');
const DELETED = constant(',"deleted":true');
const NAMELESS = constant(',"nameless":true');
const OUTSIDE = constant(',"outside_root":true');
/** By {@link Road}. */
const VIA: Readonly<Record<number, Constant>> = {
  [Road.ioUring]: constant(',"via":"io_uring"'),
  [Road.handle]: constant(',"via":"open_by_handle_at"'),
};
const COLON = 0x3a;
const MINOR_BITS = 20;
/** Below it in the high half, a number is below 2^53. */
const EXACT_HIGH = 2 ** 21;

const OPEN_FLAGS = new CachedNames((flags) => openFlagNames(flags));
/** `,"cut":[…]` where `file.path` is the path that was resolved, and where it is the one asked for. */
const CUTS_RESOLVED = [
  constant(""),
  constant(',"cut":["file.path"]'),
  constant(',"cut":["ebpf_agent.requested.path"]'),
  constant(',"cut":["file.path","ebpf_agent.requested.path"]'),
];
const CUT_REQUESTED = constant(',"cut":["file.path"]');

/** Writes what follows the name of the task, up to the end of what is in `ebpf_agent`. */
export function putOpen(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const result = word(view, at, OpenEvent.result) | 0;
  const road = word(view, at, OpenEvent.road);
  let to = putParentAndUser(names, view, at, word(view, at, EventHeader.uid), out, offset);
  to = putFile(names, view, at, out, to);
  to = putFlags(OPEN_FLAGS.of(word(view, at, OpenEvent.flags)), out, putAgent(result, out, to));
  if (result >= 0) {
    if (result !== NO_DESCRIPTOR) to = putDecimal(out, put(out, to, DESCRIPTOR), result);
    to = putDevice(word(view, at, OpenEvent.device), out, to);
  }
  if (road !== Road.syscall) to = put(out, to, VIA[road]);
  if (isResolved(view, at)) return putResolution(names, view, at, out, to);
  if (word(view, at, OpenEvent.marks) & Mark.nameless) to = put(out, to, NAMELESS);
  const isCut = word(view, at, OpenEvent.cut) & Cut.requested;
  return isCut ? put(out, to, CUT_REQUESTED) : to;
}

function isResolved(view: RecordView, at: number): boolean {
  return word(view, at, OpenEvent.pathSize) !== 0;
}

/** `file`: the resolved path, else the one asked for, where either is known; and the inode. */
function putFile(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const hasInode = word(view, at, OpenEvent.device) !== 0;
  const resolved = isResolved(view, at);
  const start = resolved ? openRequestedEnd(view, at) : openRequestedStart(at);
  const end = resolved ? openResolvedEnd(view, at) : openRequestedEnd(view, at);
  // A failure of a call whose path cannot be read still has one: none.
  const hasPath = end > start || !hasInode;
  let to = put(out, offset, FILE);
  if (hasPath) {
    const name = resolved ? Name.resolved : Name.path;
    to = names.put(view, start, end, name, out, put(out, to, PATH));
  }
  if (hasInode) {
    to = putInode(view, at, out, put(out, to, hasPath ? COMMA_INODE : INODE));
  }
  out.setUint8(to, CLOSING_BRACE);
  return to + 1;
}

function putInode(view: RecordView, at: number, out: DataView, offset: number): number {
  const high = word(view, at, OpenEvent.inodeHigh);
  const low = word(view, at, OpenEvent.inodeLow);
  const to = high < EXACT_HIGH
    ? putDecimal(out, offset, high * 2 ** 32 + low)
    : put(out, offset, constant(String((BigInt(high) << 32n) + BigInt(low))));
  out.setUint8(to, QUOTE);
  return to + 1;
}

/** `"8:1"`: the kernel's major and minor number. */
function putDevice(device: number, out: DataView, offset: number): number {
  if (device === 0) return offset;
  let to = putDecimal(out, put(out, offset, DEVICE), device >>> MINOR_BITS);
  out.setUint8(to++, COLON);
  to = putDecimal(out, to, device & ((1 << MINOR_BITS) - 1));
  out.setUint8(to, QUOTE);
  return to + 1;
}

/** What was asked for, where it differs, and what else there is to say of the resolved path. */
function putResolution(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const start = openRequestedStart(at);
  const resolved = openRequestedEnd(view, at);
  const end = openResolvedEnd(view, at);
  const marks = word(view, at, OpenEvent.marks);
  const differs = start < resolved && !sameBytes(view.bytes, start, resolved, resolved, end);
  let to = offset;
  if (differs) {
    to = names.put(view, start, resolved, Name.openRequested, out, put(out, to, REQUESTED));
    out.setUint8(to++, CLOSING_BRACE);
  }
  if (marks & Mark.outside) to = put(out, to, OUTSIDE);
  else if (word(view, at, OpenEvent.rootSize) !== 0) to = putView(names, view, at, out, to);
  if (marks & Mark.deleted) to = put(out, to, DELETED);
  const cut = word(view, at, OpenEvent.cut);
  const bits = (cut & Cut.path ? 1 : 0) | (cut & Cut.requested && differs ? 2 : 0);
  return put(out, to, CUTS_RESOLVED[bits]);
}

/** The path as the process sees it, whose root directory is not the machine's. */
function putView(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const start = openViewStart(view, at);
  const end = openResolvedEnd(view, at);
  const to = start === end
    ? put(out, offset, ROOT_VIEWED)
    : names.put(view, start, end, Name.viewed, out, put(out, offset, VIEWED));
  out.setUint8(to, CLOSING_BRACE);
  return to + 1;
}
