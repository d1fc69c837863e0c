/** Records as the BPF programs would write them, for tests and benchmarks. @module */
import {
  CloneEvent,
  COMM_SIZE,
  EventHeader,
  EventKindNumber,
  ExecEvent,
  OpenEvent,
  PrivilegeEvent,
} from "../events/layout.gen.ts";
import type { WallClock } from "../kernel/clock.ts";
import type { Format, RecordView } from "./output.ts";

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

/** The line that a format makes of a record, in exactly as much memory as the format asks for. */
export function lineOf(format: Format, record: FixtureRecord, sequence = 1): Uint8Array {
  const offset = 3;
  const out = new Uint8Array(offset + format.maxLineSize(record.size));
  const end = format.write(record.view, record.at, sequence, out, offset);
  return out.subarray(offset, end);
}

function record(
  kind: number,
  task: Task,
  fixedSize: number,
  variable: readonly Uint8Array[],
  fields: Readonly<Record<number, number>>,
): FixtureRecord {
  const size = fixedSize + variable.reduce((sum, bytes) => sum + bytes.length, 0);
  const buffer = new ArrayBuffer(Math.ceil((START + size + 64) / 8) * 8);
  const view = { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) };
  view.bytes.fill(GARBAGE);
  view.bytes.fill(0, START, START + fixedSize);
  const set = (field: number, value: number) => view.words[(START + field) >> 2] = value;
  const time = task.time ?? 123_456_789n;
  set(EventHeader.kind, kind);
  set(EventHeader.size, size);
  set(EventHeader.timeLow, Number(time & 0xffff_ffffn));
  set(EventHeader.timeHigh, Number(time >> 32n));
  set(EventHeader.pid, task.pid ?? 10);
  set(EventHeader.tid, task.tid ?? task.pid ?? 10);
  set(EventHeader.ppid, task.ppid ?? 1);
  set(EventHeader.uid, task.uid ?? 0);
  for (const [field, value] of Object.entries(fields)) set(Number(field), value);
  let at = START + fixedSize;
  for (const bytes of variable) {
    view.bytes.set(bytes, at);
    at += bytes.length;
  }
  const made = { view, at: START, size };
  putComm(made, EventHeader.comm, task.comm ?? "cat");
  return made;
}

function putComm(record: FixtureRecord, field: number, comm: Name): void {
  const bytes = bytesOf(comm);
  if (bytes.length > COMM_SIZE) throw new RangeError(`No task has a name of ${bytes.length} bytes`);
  record.view.bytes.set(bytes, record.at + field);
}

function bytesOf(name: Name): Uint8Array {
  return typeof name === "string" ? new TextEncoder().encode(name) : name;
}
