/** What a record tells of its event, in the words of rules. @module */
import { EVENT_KINDS, KIND_MASK } from "../events/kinds.ts";
import {
  Cut,
  EventHeader,
  EventKindNumber,
  ExecEvent,
  Mark,
  OpenEvent,
  Origin,
} from "../events/layout.gen.ts";
import type { RecordView } from "../outputs/output.ts";
import {
  ancestorStart,
  argsOf,
  argsStart,
  commEnd,
  commStart,
  eventStart,
  executableStart,
  openRequestedEnd,
  openRequestedStart,
  openResolvedEnd,
  requestedStart,
  word,
} from "../events/record.ts";
import { CUT_HEAD, type EventFacts } from "../rules/facts.ts";
import type { Access, Field } from "../rules/rule.ts";
import { nameOf } from "../rules/names.ts";

/** The facts of the record at byte `at`. The program of a process is told by its own exec alone. */
export function factsOf(view: RecordView, at: number): EventFacts {
  const event = eventStart(view, at);
  const kind = word(view, event, EventHeader.kind) & KIND_MASK;
  const base = commonFacts(view, at);
  if (kind === EventKindNumber.open) return openFacts(view, event, base);
  return kind === EventKindNumber.exec ? execFacts(view, event, base) : base;
}

function commonFacts(view: RecordView, at: number): EventFacts {
  const event = eventStart(view, at);
  const comm = commStart(event);
  const common = {
    on: EVENT_KINDS[word(view, event, EventHeader.kind) & KIND_MASK],
    outcome: "success",
    comm: text(view, comm, commEnd(view.bytes, comm)),
    uid: word(view, event, EventHeader.uid),
    access: [],
    args: [],
    container: false,
    untold: new Set<Field>(["exe", "parent.comm", "container"]),
  } as const;
  // What stands before the event is its origin.
  if (event === at) return common;
  const parent = ancestorStart(at, 0);
  return {
    ...common,
    parentComm: text(view, parent, commEnd(view.bytes, parent)),
    container: word(view, at, Origin.container) !== 0,
    untold: new Set(["exe"]),
  };
}

function openFacts(view: RecordView, at: number, base: EventFacts): EventFacts {
  const flags = word(view, at, OpenEvent.flags);
  const start = openRequestedStart(at);
  const resolved = openRequestedEnd(view, at);
  const end = openResolvedEnd(view, at);
  const requested = resolved > start ? text(view, start, resolved) : undefined;
  if ((word(view, at, OpenEvent.result) | 0) < 0) {
    return {
      ...base,
      outcome: "failure",
      requested,
      access: accessOf(flags, (flags & O_CREAT) !== 0),
    };
  }
  const isNew = (word(view, at, OpenEvent.marks) & Mark.created) !== 0;
  return {
    ...base,
    requested,
    ...(end > resolved && {
      path: cutText(view, resolved, end, (word(view, at, OpenEvent.cut) & Cut.path) !== 0),
    }),
    access: accessOf(flags, isNew),
    untold: new Set([...base.untold, ...(end > resolved ? [] : ["path" as const])]),
  };
}

function execFacts(view: RecordView, at: number, base: EventFacts): EventFacts {
  const executable = executableStart(at);
  const start = requestedStart(view, at);
  const args = argsStart(view, at);
  const requested = args > start ? text(view, start, args) : undefined;
  if ((word(view, at, ExecEvent.error) | 0) < 0) return { ...base, outcome: "failure", requested };
  const cut = word(view, at, ExecEvent.cut);
  const list = argsOf(view, at, nameOf);
  const untold = new Set(base.untold);
  untold.delete("exe");
  // Left in the kernel, by --args=none, there are none of them.
  if (cut & Cut.args || list.length === 0) untold.add("args");
  return {
    ...base,
    requested,
    path: cutText(view, executable, start, (cut & Cut.path) !== 0),
    args: list,
    untold,
  };
}

/** What an open asks for, as include/uapi/asm-generic/fcntl.h has its flags. */
function accessOf(flags: number, creates: boolean): readonly Access[] {
  if (flags & O_PATH) return [];
  const mode = flags & O_ACCMODE;
  return [
    ...(mode === O_RDONLY || mode === O_RDWR ? ["read" as const] : []),
    ...(mode === O_WRONLY || mode === O_RDWR || flags & O_TRUNC ? ["write" as const] : []),
    ...(creates ? ["create" as const] : []),
  ];
}

const O_RDONLY = 0;
const O_WRONLY = 1;
const O_RDWR = 2;
const O_ACCMODE = 3;
const O_CREAT = 0o100;
const O_TRUNC = 0o1000;
const O_PATH = 0o10000000;

/** A path that lost its head has no slash in front. */
function cutText(view: RecordView, start: number, end: number, isCut: boolean): string {
  const path = text(view, start, end);
  return isCut ? `${CUT_HEAD}/${path}` : path;
}

function text(view: RecordView, start: number, end: number): string {
  return nameOf(view.bytes.subarray(start, end));
}
