/** What the JSON events have to say of the generator's deeds, written apart from what it tests. @module */
import { constants } from "node:os";
import { concat, decodeText, encodeBase64, encodeText, isUtf8 } from "./bytes.ts";
import type { Deed } from "./load.ts";
import type { ExpectedOrigin } from "./origin.ts";

/** An event as parsed JSON. */
export type JsonEvent = Readonly<Record<string, unknown>>;

/** What a hook cannot tell. */
export interface Blindness {
  /** How many arguments there were. */
  readonly argsCount?: boolean;
  /** Errors and calls of 32-bit programs. */
  readonly ia32?: boolean;
  /** Which descriptor a file was given, and whether an exec closes it. */
  readonly descriptor?: boolean;
  /** With which flags a task was created, besides whether it is a thread. */
  readonly cloneFlags?: boolean;
}

/** Bytes of a path and of arguments that leave the kernel (bpf/agent.h); a path has a NUL besides. */
export const PATH_BYTES = 4095;
export const ARGS_BYTES = 16384;

/** The event of a deed, without its time and number, and without the name before an exec. */
export function expectedEvent(
  deed: Deed,
  origin?: ExpectedOrigin,
  blind: Blindness = {},
): JsonEvent {
  const event = new EventBuilder(deed);
  if (origin !== undefined) addOrigin(event, deed, origin);
  switch (deed.did) {
    case "open":
      addOpen(event, deed, blind);
      break;
    case "fork":
      addClone(event, deed, blind);
      break;
    case "setuid":
      event.set("process.user.id", String(deed.newUid));
      event.set("ebpf_agent.previous.user.id", String(deed.oldUid));
      break;
    case "exec":
      addExec(event, deed, blind);
  }
  return event.built;
}

/** Whether the events of such deeds tell where the process comes from. */
export function tellsOrigin({ did }: Deed): boolean {
  return did === "exec" || did === "setuid";
}

/** An event without what no deed can foretell: time, number, and the name before an exec. */
export function comparable(event: JsonEvent): JsonEvent {
  const copy = JSON.parse(JSON.stringify(event));
  delete copy["@timestamp"];
  delete copy.event.sequence;
  if (copy.ebpf_agent.previous) {
    delete copy.ebpf_agent.previous.name;
    if (Object.keys(copy.ebpf_agent.previous).length === 0) delete copy.ebpf_agent.previous;
  }
  return copy;
}

/** JSON in one order of keys, so that equal events are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part: unknown) =>
      part !== null && typeof part === "object" && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}

type Open = Extract<Deed, { readonly did: "open" }>;
type Clone = Extract<Deed, { readonly did: "fork" }>;
type Exec = Extract<Deed, { readonly did: "exec" }>;
type Tree = { [key: string]: unknown };

/** Categories and types of ECS, by action. */
const ECS: Readonly<Record<Deed["did"], readonly [category: string, type: string]>> = {
  exec: ["process", "start"],
  fork: ["process", "start"],
  open: ["file", "access"],
  setuid: ["process", "change"],
};

class EventBuilder {
  readonly built: Tree;

  constructor(deed: Deed) {
    const [category, type] = ECS[deed.did];
    this.built = {
      event: {
        kind: "event",
        category: [category],
        type: [type],
        action: deed.did,
        outcome: "success",
      },
      process: { pid: deed.pid, thread: { id: deed.tid }, parent: { pid: deed.ppid } },
      ebpf_agent: { schema: 1 },
    };
    this.set("process.user.id", String(deed.uid));
    this.set("process.name", deed.name);
  }

  /** Sets a value at a dotted path; bytes as JSON tells a name, cut where they are too long. */
  set(path: string, value: unknown, longest = Infinity): void {
    if (!(value instanceof Uint8Array)) {
      put(this.built, path, value);
      return;
    }
    const kept = value.subarray(0, longest);
    put(this.built, path, decodeText(kept));
    if (!isUtf8(kept)) put(this.built, `ebpf_agent.raw.${path}`, encodeBase64(kept));
    if (kept.length < value.length) this.#cut(path);
  }

  fail(errno: number): void {
    const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
    put(this.built, "event.outcome", "failure");
    put(this.built, "error.code", code);
  }

  setArgs(args: readonly Uint8Array[]): void {
    const whole = concat(args.map((arg) => concat([arg, encodeText("\0")])));
    const kept = whole.length > ARGS_BYTES ? split(whole.subarray(0, ARGS_BYTES)) : args;
    put(this.built, "process.args", kept.map(decodeText));
    if (!kept.every(isUtf8)) {
      put(this.built, "ebpf_agent.raw.process.args", kept.map(encodeBase64));
    }
    if (whole.length > ARGS_BYTES) this.#cut("process.args");
  }

  #cut(path: string): void {
    const { cut } = this.built.ebpf_agent as { cut?: readonly string[] };
    put(this.built, "ebpf_agent.cut", [...(cut ?? []), path]);
  }
}

function addClone(event: EventBuilder, deed: Clone, blind: Blindness): void {
  const isThread = Math.floor(deed.flags / CLONE_THREAD) % 2 === 1;
  const flags = blind.cloneFlags ? (isThread ? CLONE_THREAD : 0) : deed.flags;
  event.set("ebpf_agent.child.pid", deed.child);
  event.set("ebpf_agent.child.thread.id", deed.childThread);
  if (isThread) event.set("ebpf_agent.thread", true);
  if (flags) event.set("ebpf_agent.flags", names(flags, CLONE_FLAGS).join("|"));
}

function addOpen(event: EventBuilder, deed: Open, blind: Blindness): void {
  const { path, resolved, inode, device } = deed;
  const isClosed = Math.floor(deed.flags / OPEN_FLAGS.O_CLOEXEC) % 2 === 1;
  const untold = blind.descriptor && isClosed ? OPEN_FLAGS.O_CLOEXEC : 0;
  event.set("ebpf_agent.flags", openFlags(deed.flags - untold));
  event.set("file.path", resolved ?? path, PATH_BYTES);
  if (deed.result < 0) return event.fail(-deed.result);
  if (!blind.descriptor) event.set("ebpf_agent.fd", deed.result);
  event.set("file.inode", inode);
  event.set("ebpf_agent.device", device);
  if (resolved && decodeText(path) !== decodeText(resolved)) {
    event.set("ebpf_agent.requested.path", path, PATH_BYTES);
  }
}

function addOrigin(event: EventBuilder, deed: Deed, origin: ExpectedOrigin): void {
  const { ancestors, tty } = origin;
  if (ancestors.length > 0) {
    event.set("process.parent.name", ancestors[0].name);
    const names = ancestors.map(({ name }) => name);
    event.set(
      "ebpf_agent.ancestors",
      ancestors.map(({ pid, name }) => ({ pid, name: decodeText(name) })),
    );
    if (!names.every(isUtf8)) {
      const raw = names.map((name) => ({ name: encodeBase64(name) }));
      event.set("ebpf_agent.raw.ebpf_agent.ancestors", raw);
    }
  }
  event.set("process.session_leader.pid", deed.session);
  if (tty !== undefined) {
    event.set("process.tty.char_device", { major: tty.major, minor: tty.minor });
    event.set("ebpf_agent.tty", tty.name);
  }
  if (origin.loginUser !== undefined) event.set("ebpf_agent.login.user.id", origin.loginUser);
  if (origin.loginSession !== undefined) event.set("ebpf_agent.login.session", origin.loginSession);
}

function addExec(event: EventBuilder, deed: Exec, blind: Blindness): void {
  const { requested, executable, args } = deed;
  if (deed.realUid !== deed.uid) event.set("process.real_user.id", String(deed.realUid));
  if (deed.error !== 0) event.fail(deed.error);
  if (executable && args) {
    event.set("process.executable", shownExecutable(executable));
    event.setArgs(args);
    if (!blind.argsCount) event.set("process.args_count", args.length);
  }
  if (!executable || decodeText(requested) !== decodeText(executable)) {
    event.set("ebpf_agent.requested.path", requested, PATH_BYTES);
  }
}

/** A program in memory has a name and no path; /proc tells it as "/memfd:name (deleted)". */
function shownExecutable(executable: Uint8Array): Uint8Array {
  const memory = /^\/(memfd:.*) \(deleted\)$/.exec(decodeText(executable))?.[1];
  return memory === undefined ? executable : encodeText(memory);
}

function put(tree: Tree, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at = tree;
  for (const key of keys) at = (at[key] ??= {}) as Tree;
  at[last] = value;
}

/** Arguments with a NUL behind each, the last one perhaps without. */
function split(bytes: Uint8Array): readonly Uint8Array[] {
  const args: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    const stop = end < 0 ? bytes.length : end;
    args.push(bytes.subarray(at, stop));
    at = stop + 1;
  }
  return args;
}

function openFlags(flags: number): string {
  const mode = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"][flags % 4];
  return [mode, ...names(flags - flags % 4, OPEN_FLAGS)].join("|");
}

function names(flags: number, table: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(table).filter(([, bit]) => Math.floor(flags / bit) % 2 === 1)
    .map(([name]) => name);
}

/** asm-generic/fcntl.h, for x86-64; those that the generator uses. */
const OPEN_FLAGS = {
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
};

const CLONE_THREAD = 0x10000;

/** linux/sched.h; those that the generator or its C library uses. */
const CLONE_FLAGS = {
  CLONE_VM: 0x100,
  CLONE_FS: 0x200,
  CLONE_FILES: 0x400,
  CLONE_SIGHAND: 0x800,
  CLONE_VFORK: 0x4000,
  CLONE_THREAD,
  CLONE_SYSVSEM: 0x40000,
  CLONE_SETTLS: 0x80000,
  CLONE_PARENT_SETTID: 0x100000,
  CLONE_CHILD_CLEARTID: 0x200000,
  CLONE_CHILD_SETTID: 0x1000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_CLEAR_SIGHAND: 0x100000000,
};
