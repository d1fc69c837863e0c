/** What is particular to the JSON line of an attempt to open a file. @module */
import { Cut, Mark, NO_DESCRIPTOR, OpenEvent, Road } from "../events/layout.gen.ts";
import { type Constant, constant, put, putDecimal } from "./bytes.ts";
import { CachedNames } from "./cached_names.ts";
import { openFlagNames } from "./flags.ts";
import { agentStart, type NameWriter, putError } from "./json_parts.ts";
import { Name } from "./json_raw.ts";
import { CLOSING_BRACE } from "./json_signs.ts";
import type { RecordView } from "./output.ts";
import {
  openRequestedEnd,
  openRequestedStart,
  openResolvedEnd,
  openViewStart,
  sameBytes,
  word,
} from "../events/record.ts";

const PATH = constant(',"file":{"path":');
const PATH_INODE = constant(',"inode":"');
const INODE = constant(',"file":{"inode":"');
const INODE_END = constant('"}');
const DESCRIPTOR = constant(',"fd":');
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
const MINOR_BITS = 20;
/** Below it in the high half, a number is below 2^53. */
const EXACT_HIGH = 2 ** 21;

/** By flags. */
const AGENT_STARTS = new CachedNames((flags) => agentStart(openFlagNames(flags)));
const DEVICES = new CachedNames(deviceText);
/** `,"cut":[…]` where `file.path` is the path that was resolved, and where it is the one asked for. */
const CUTS_RESOLVED = [
  constant(""),
  constant(',"cut":["file.path"]'),
  constant(',"cut":["ebpf_agent.requested.path"]'),
  constant(',"cut":["file.path","ebpf_agent.requested.path"]'),
];
const CUT_REQUESTED = constant(',"cut":["file.path"]');

/** Writes what follows the task, up to the end of what is in `ebpf_agent`. */
export function putOpen(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const result = word(view, at, OpenEvent.result) | 0;
  const road = word(view, at, OpenEvent.road);
  let to = putError(result, out, putFile(names, view, at, out, offset));
  to = put(out, to, AGENT_STARTS.of(word(view, at, OpenEvent.flags)));
  if (result >= 0) {
    if (result !== NO_DESCRIPTOR) to = putDecimal(out, put(out, to, DESCRIPTOR), result);
    to = put(out, to, DEVICES.of(word(view, at, OpenEvent.device)));
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
  if (!hasPath) return putInode(view, at, out, put(out, offset, INODE));
  const name = resolved ? Name.resolved : Name.path;
  const to = names.put(view, start, end, name, out, put(out, offset, PATH));
  if (hasInode) return putInode(view, at, out, put(out, to, PATH_INODE));
  out.setUint8(to, CLOSING_BRACE);
  return to + 1;
}

/** Writes the inode, and the end of `file`. */
function putInode(view: RecordView, at: number, out: DataView, offset: number): number {
  const high = word(view, at, OpenEvent.inodeHigh);
  const low = word(view, at, OpenEvent.inodeLow);
  const to = high < EXACT_HIGH
    ? putDecimal(out, offset, high * 2 ** 32 + low)
    : put(out, offset, constant(String((BigInt(high) << 32n) + BigInt(low))));
  return put(out, to, INODE_END);
}

/** The kernel's major and minor number, `8:1`, of a device that is told. */
function deviceText(device: number): string {
  if (device === 0) return "";
  return `,"device":"${device >>> MINOR_BITS}:${device & ((1 << MINOR_BITS) - 1)}"`;
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
  const differs = start < resolved && !sameBytes(view, start, resolved, resolved, end);
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
