/** Events that the agent once printed, turned back into the records that it had read. @module */
import { errnoName } from "../../src/kernel/errno.ts";
import { cloneFlagNames, openFlagNames } from "../../src/outputs/flags.ts";
import {
  cloneRecord,
  execRecord,
  type FixtureRecord,
  openRecord,
  type OriginFixture,
  privilegeRecord,
  withOrigin,
} from "../../src/outputs/record_fixture.ts";

/** A line of the agent's JSON, as far as it is read here. */
export interface Line {
  readonly "@timestamp": string;
  readonly event: { readonly action: "exec" | "fork" | "open" | "setuid" };
  readonly process: {
    readonly pid: number;
    readonly thread: { readonly id: number };
    readonly name: string;
    readonly parent: { readonly pid: number; readonly name?: string };
    readonly user: { readonly id: string };
    readonly real_user?: { readonly id: string };
    readonly session_leader?: { readonly pid: number };
    readonly executable?: string;
    readonly args?: readonly string[];
    readonly args_count?: number;
  };
  readonly file?: { readonly path?: string; readonly inode?: string };
  readonly error?: { readonly code: string };
  readonly ebpf_agent: {
    readonly flags?: string;
    readonly fd?: number;
    readonly device?: string;
    readonly requested?: { readonly path: string };
    readonly previous?: { readonly name?: string; readonly user?: { readonly id: string } };
    readonly ancestors?: readonly { readonly pid: number; readonly name: string }[];
    readonly child?: { readonly pid: number; readonly thread: { readonly id: number } };
  };
}

/** Reads what was recorded. */
export function readLines(path: string | URL): readonly Line[] {
  return Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** The record that a line was made from; opens tell the resolved path only where it is asked for. */
export function recordOf(line: Line, paths: boolean): FixtureRecord {
  const event = eventOf(line, paths);
  const leader = line.process.session_leader?.pid;
  return leader === undefined ? event : withOrigin(event, originOf(line, leader));
}

/** Recorded without a login, a terminal and containers. */
function originOf({ ebpf_agent: agent }: Line, sessionLeader: number): OriginFixture {
  return {
    sessionLeader,
    ancestors: agent.ancestors?.map(({ pid, name }) => ({ pid, comm: name })),
  };
}

function eventOf(line: Line, paths: boolean): FixtureRecord {
  const { process, ebpf_agent: agent } = line;
  const task = {
    comm: process.name,
    pid: process.pid,
    tid: process.thread.id,
    ppid: process.parent.pid,
    uid: Number(process.user.id),
    time: timeOf(line["@timestamp"]),
  };
  const error = line.error === undefined ? 0 : -ERROR_NUMBERS[line.error.code];
  switch (line.event.action) {
    case "open":
      return openRecord(task, openOf(line, error, paths));
    case "exec":
      return execRecord(task, {
        executable: process.executable,
        requested: agent.requested?.path ?? process.executable,
        args: (process.args ?? []).map((arg) => `${arg}\0`).join(""),
        argsCount: process.args_count,
        previous: agent.previous?.name,
        error,
        realUid: Number(process.real_user?.id ?? task.uid),
      });
    case "fork":
      return cloneRecord(task, {
        pid: agent.child?.pid ?? 0,
        tid: agent.child?.thread.id ?? 0,
        flagsLow: bitsOf(agent.flags, CLONE_BITS),
      });
    case "setuid":
      return privilegeRecord(task, Number(agent.previous?.user?.id), task.uid);
  }
}

function openOf({ file, ebpf_agent: agent }: Line, error: number, paths: boolean) {
  const path = agent.requested?.path ?? file?.path ?? "";
  const open = { path, result: error || agent.fd, flags: bitsOf(agent.flags, OPEN_BITS) };
  if (!paths || agent.device === undefined) return open;
  const [major = 0, minor = 0] = agent.device.split(":").map(Number);
  const inode = Number(file?.inode);
  return {
    ...open,
    resolved: file?.path,
    device: major << 20 | minor,
    inode: [Math.floor(inode / 2 ** 32), inode % 2 ** 32] as const,
  };
}

/** Nanoseconds since the start of the hour: boot time of a machine that started then. */
function timeOf(timestamp: string): bigint {
  const [, minutes, seconds, fraction] = /T\d+:(\d+):(\d+)\.(\d+)Z/.exec(timestamp) ?? [];
  return BigInt(Number(minutes) * 60 + Number(seconds)) * 1_000_000_000n + BigInt(fraction);
}

/** Names to numbers, by asking for the name of each. */
const ERROR_NUMBERS = Object.fromEntries(
  Array.from({ length: 134 }, (_, number) => [errnoName(number), number]),
);
const OPEN_BITS = bitNames((bit) => openFlagNames(bit));
const CLONE_BITS = bitNames((bit) => cloneFlagNames(bit));

function bitNames(name: (bit: number) => string): ReadonlyMap<string, number> {
  return new Map(
    Array.from({ length: 32 }, (_, bit) => 2 ** bit).flatMap((bit) =>
      name(bit).split("|").map((part) => [part, bit] as const)
    ),
  );
}

function bitsOf(names: string | undefined, bits: ReadonlyMap<string, number>): number {
  // O_RDONLY has no bit of its own.
  return (names ?? "").split("|").reduce(
    (sum, name) => name === "O_RDONLY" ? sum : sum + (bits.get(name) ?? 0),
    0,
  );
}
