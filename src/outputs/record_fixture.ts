/** Records as the BPF programs would write them, for tests and benchmarks. @module */
import {
  CloneEvent,
  COMM_SIZE,
  EventHeader,
  EventKindNumber,
  ExecEvent,
  OpenEvent,
  Origin,
  PrivilegeEvent,
} from "../events/layout.gen.ts";
import type { WallClock } from "../kernel/clock.ts";
import type { Format, RecordView } from "./output.ts";
import { hasOrigin, word } from "../events/record.ts";
import { viewOf } from "../events/ring.ts";

/** A record in memory, as an output is given it. */
export interface FixtureRecord {
  readonly view: RecordView;
  readonly at: number;
  readonly size: number;
}

/** A text as UTF-8, or any bytes. */
export type Name = string | Uint8Array;

/** What all records tell of a task. */
export interface Task {
  readonly comm?: Name;
  readonly pid?: number;
  readonly tid?: number;
  readonly ppid?: number;
  readonly uid?: number;
  /** Boot time in nanoseconds. */
  readonly time?: bigint;
}

/** A wall clock 1,763,750,000 s ahead of boot time: 2025-11-21T18:33:20Z. */
export const CLOCK: WallClock = { offsetSeconds: 1_763_750_000, offsetNanoseconds: 0 };

/** Perf buffer payloads start at 4 mod 8. */
const START = 20;
const GARBAGE = 0xe5;
/** The kernel's name for nobody and for no session. */
const NOBODY = 0xffff_ffff;

export function openRecord(
  task: Task,
  open: {
    /** The path asked for. */
    readonly path: Name;
    /** The path that it was resolved to. */
    readonly resolved?: Name;
    /** How much of that lies above the root directory of the process. */
    readonly rootSize?: number;
    readonly result?: number;
    readonly flags?: number;
    readonly road?: number;
    readonly cut?: number;
    readonly marks?: number;
    readonly device?: number;
    readonly inode?: readonly [high: number, low: number];
  },
): FixtureRecord {
  const path = bytesOf(open.path);
  const resolved = bytesOf(open.resolved ?? "");
  const [inodeHigh, inodeLow] = open.inode ?? [0, 0];
  return record(EventKindNumber.open, task, OpenEvent.byteSize, [path, resolved], {
    [OpenEvent.result]: open.result ?? 3,
    [OpenEvent.flags]: open.flags ?? 0,
    [OpenEvent.road]: open.road ?? 0,
    [OpenEvent.cut]: open.cut ?? 0,
    [OpenEvent.marks]: open.marks ?? 0,
    [OpenEvent.device]: open.device ?? 0,
    [OpenEvent.inodeHigh]: inodeHigh,
    [OpenEvent.inodeLow]: inodeLow,
    [OpenEvent.requestedSize]: path.length,
    [OpenEvent.pathSize]: resolved.length,
    [OpenEvent.rootSize]: open.rootSize ?? 0,
  });
}

export function execRecord(
  task: Task,
  exec: {
    readonly executable?: Name;
    readonly requested?: Name;
    /** As in memory: each argument with its NUL. */
    readonly args?: Name;
    readonly argsCount?: number;
    readonly previous?: Name;
    readonly error?: number;
    readonly cut?: number;
    /** Who runs it; as a rule the one whose rights it has. */
    readonly realUid?: number;
  },
): FixtureRecord {
  const executable = bytesOf(exec.executable ?? "");
  const requested = bytesOf(exec.requested ?? exec.executable ?? "");
  const args = bytesOf(exec.args ?? "");
  const made = record(
    EventKindNumber.exec,
    task,
    ExecEvent.byteSize,
    [executable, requested, args],
    {
      [ExecEvent.error]: exec.error ?? 0,
      [ExecEvent.cut]: exec.cut ?? 0,
      [ExecEvent.argsCount]: exec.argsCount ?? 0,
      [ExecEvent.executableSize]: executable.length,
      [ExecEvent.requestedSize]: requested.length,
      [ExecEvent.argsSize]: args.length,
      [ExecEvent.realUid]: exec.realUid ?? task.uid ?? 0,
    },
  );
  putComm(made, ExecEvent.previousComm, exec.previous ?? "");
  return made;
}

export function cloneRecord(
  task: Task,
  clone: {
    readonly pid: number;
    readonly tid: number;
    readonly flagsLow?: number;
    readonly flagsHigh?: number;
  },
): FixtureRecord {
  return record(EventKindNumber.clone, task, CloneEvent.byteSize, [], {
    [CloneEvent.childPid]: clone.pid,
    [CloneEvent.childTid]: clone.tid,
    [CloneEvent.flagsLow]: clone.flagsLow ?? 0,
    [CloneEvent.flagsHigh]: clone.flagsHigh ?? 0,
  });
}

export function privilegeRecord(task: Task, oldUid: number, newUid: number): FixtureRecord {
  return record(EventKindNumber.privilege, { ...task, uid: newUid }, PrivilegeEvent.byteSize, [], {
    [PrivilegeEvent.oldUid]: oldUid,
    [PrivilegeEvent.newUid]: newUid,
  });
}

/** Where an event comes from, and which rules matched it. */
export interface OriginFixture {
  readonly rules?: readonly [high: number, low: number];
  readonly ruleSet?: number;
  readonly loginUid?: number;
  readonly loginSession?: number;
  readonly sessionLeader?: number;
  readonly container?: boolean;
  readonly tty?: { readonly name: Name; readonly major: number; readonly minor: number };
  /** Parent first. */
  readonly ancestors?: readonly { readonly pid: number; readonly comm: Name }[];
}

/** The record of the same event with its origin in front. */
export function withOrigin(event: FixtureRecord, origin: OriginFixture): FixtureRecord {
  const size = Origin.byteSize + event.size;
  const made = emptyRecord(size, Origin.byteSize);
  const { view } = made;
  view.bytes.set(
    event.view.bytes.subarray(event.at, event.at + event.size),
    START + Origin.byteSize,
  );
  const [rulesHigh, rulesLow] = origin.rules ?? [0, 0];
  setFields(made, {
    [Origin.kind]: word(event.view, event.at, EventHeader.kind) | EventKindNumber.origin,
    [Origin.size]: size,
    [Origin.timeLow]: word(event.view, event.at, EventHeader.timeLow),
    [Origin.timeHigh]: word(event.view, event.at, EventHeader.timeHigh),
    [Origin.ruleSet]: origin.ruleSet ?? 0,
    [Origin.rulesLow]: rulesLow,
    [Origin.rulesHigh]: rulesHigh,
    [Origin.loginUid]: origin.loginUid ?? NOBODY,
    [Origin.loginSession]: origin.loginSession ?? NOBODY,
    [Origin.sessionLeader]: origin.sessionLeader ?? 0,
    [Origin.container]: origin.container ? 1 : 0,
    [Origin.ttyMajor]: origin.tty?.major ?? 0,
    [Origin.ttyMinor]: origin.tty?.minor ?? 0,
  });
  view.bytes.set(bytesOf(origin.tty?.name ?? ""), START + Origin.tty);
  origin.ancestors?.forEach(({ pid, comm }, n) => {
    setFields(made, { [Origin.ancestorPid + n * 4]: pid });
    putComm(made, Origin.ancestorComm + n * COMM_SIZE, comm);
  });
  return made;
}

/** The line that a format makes of a record, in exactly as much memory as the format asks for. */
export function lineOf(format: Format, record: FixtureRecord, sequence = 1): Uint8Array {
  const offset = 3;
  const out = new Uint8Array(offset + maxSize(format, record));
  const end = format.write(record.view, record.at, sequence, out, offset);
  return out.subarray(offset, end);
}

function maxSize(format: Format, { view, at, size }: FixtureRecord): number {
  return format.maxLineSize(size) + (hasOrigin(view, at) ? format.maxRuleSize(view, at) : 0);
}

function record(
  kind: number,
  task: Task,
  fixedSize: number,
  variable: readonly Uint8Array[],
  fields: Readonly<Record<number, number>>,
): FixtureRecord {
  const size = fixedSize + variable.reduce((sum, bytes) => sum + bytes.length, 0);
  const made = emptyRecord(size, fixedSize);
  const time = task.time ?? 123_456_789n;
  setFields(made, {
    [EventHeader.kind]: kind,
    [EventHeader.size]: size,
    [EventHeader.timeLow]: Number(time & 0xffff_ffffn),
    [EventHeader.timeHigh]: Number(time >> 32n),
    [EventHeader.pid]: task.pid ?? 10,
    [EventHeader.tid]: task.tid ?? task.pid ?? 10,
    [EventHeader.ppid]: task.ppid ?? 1,
    [EventHeader.uid]: task.uid ?? 0,
    ...fields,
  });
  let at = START + fixedSize;
  for (const bytes of variable) {
    made.view.bytes.set(bytes, at);
    at += bytes.length;
  }
  putComm(made, EventHeader.comm, task.comm ?? "cat");
  return made;
}

/** Its fixed part is zero; what stands around it in a ring is not. */
function emptyRecord(size: number, fixedSize: number): FixtureRecord {
  const view = viewOf(new ArrayBuffer(Math.ceil((START + size + 64) / 8) * 8));
  view.bytes.fill(GARBAGE);
  view.bytes.fill(0, START, START + fixedSize);
  return { view, at: START, size };
}

function setFields({ view, at }: FixtureRecord, fields: Readonly<Record<number, number>>): void {
  for (const [field, value] of Object.entries(fields)) {
    view.words[(at + Number(field)) >> 2] = value;
  }
}

function putComm(record: FixtureRecord, field: number, comm: Name): void {
  const bytes = bytesOf(comm);
  if (bytes.length > COMM_SIZE) throw new RangeError(`No task has a name of ${bytes.length} bytes`);
  record.view.bytes.set(bytes, record.at + field);
}

function bytesOf(name: Name): Uint8Array {
  return typeof name === "string" ? new TextEncoder().encode(name) : name;
}
