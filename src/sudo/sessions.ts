/**
 * Who ran what by sudo, and whether sudo let them. An exec of sudo is remembered until the command's
 * own exec tells success; where sudo ends without one, it refused.
 * @module
 */
import { Cut, EventHeader, EventKindNumber, ExecEvent, Origin } from "../events/layout.gen.ts";
import type { RecordView } from "../outputs/output.ts";
import {
  ancestorPid,
  ancestorStart,
  argsOf,
  argsStart,
  commEnd,
  countAncestors,
  eventStart,
  executableStart,
  requestedStart,
  word,
} from "../events/record.ts";
import type { SudoUsers } from "./users.ts";
import { parseSudo, type SudoRequest } from "./command_line.ts";

/** How a call of sudo ended; unknown where events were lost in between, or too many others ran. */
export interface SudoOutcome extends SudoUsers {
  readonly outcome: "success" | "refused" | "unknown";
  /** Of sudo itself. */
  readonly pid: number;
  /** The program that ran with its arguments, else what was asked for. */
  readonly command: string;
}

/** What the second's tick knows. */
export interface SudoTick {
  isAlive(pid: number): boolean;
  /** Changes when everything that the rings held has been taken out. */
  readonly drained: number;
  /** Execs ever lost or missed. */
  readonly lost: number;
}

export interface SudoSessionsOptions {
  userName(uid: number): string;
  tell(outcome: SudoOutcome): void;
}

/** A call of sudo whose end is not known yet. */
interface Call {
  /** The kernel's number for who logged in. */
  readonly login: number;
  readonly user: string;
  readonly request: SudoRequest;
  readonly lost: number;
  /** Where the draining was when sudo was first found gone. */
  gone?: number;
}

const NOBODY = 0xffff_ffff;
const ROOT = 0;
/** Sudo runs the command itself, or forks once for it, or twice to give it a terminal of its own. */
const GENERATIONS = 2;
const MOST_CALLS = 256;

export class SudoSessions {
  readonly #options: SudoSessionsOptions;
  readonly #calls = new Map<number, Call>();
  #lost = 0;
  #current: SudoUsers | undefined;

  constructor(options: SudoSessionsOptions) {
    this.#options = options;
  }

  /** Of the record that was observed last, if that is a command's exec by sudo. */
  get current(): SudoUsers | undefined {
    return this.#current;
  }

  /** Looks at a record that tells its origin, in the order of time. */
  observe(view: RecordView, origin: number): void {
    this.#current = undefined;
    const at = eventStart(view, origin);
    const isExec = word(view, at, EventHeader.kind) === EventKindNumber.exec;
    if (!isExec || (word(view, at, ExecEvent.error) | 0) < 0) return;
    if (this.#calls.size > 0) this.#settle(view, origin, at);
    if (hasRights(view, at) && isSudo(view, at)) this.#remember(view, origin, at);
  }

  /** Looks which calls have ended without a command. */
  tick({ isAlive, drained, lost }: SudoTick): void {
    this.#lost = lost;
    for (const [pid, call] of this.#calls) {
      if (call.gone === undefined) {
        // What its last child did may still stand in a ring.
        if (!isAlive(pid)) call.gone = drained;
      } else if (call.gone !== drained) {
        this.#end(pid, call, lost > call.lost ? "unknown" : "refused");
      }
    }
  }

  #remember(view: RecordView, origin: number, at: number): void {
    const cut = (word(view, at, ExecEvent.cut) & Cut.args) !== 0;
    const request = cut ? undefined : parseSudo(argsOf(view, at, decode));
    if (request === undefined) return;
    const pid = word(view, at, EventHeader.pid);
    const login = word(view, origin, Origin.loginUid);
    const uid = login === NOBODY ? word(view, at, ExecEvent.realUid) : login;
    const [oldest] = this.#calls;
    if (this.#calls.size === MOST_CALLS && oldest !== undefined) {
      this.#end(...oldest, "unknown");
    }
    const user = this.#options.userName(uid);
    this.#calls.set(pid, { login, user, request, lost: this.#lost });
  }

  /** Tells success where the exec is that of a command. */
  #settle(view: RecordView, origin: number, at: number): void {
    const own = word(view, at, EventHeader.pid);
    const pid = [own, ...parentsOf(view, origin)].find((pid) => this.#calls.has(pid)) ??
      this.#findBackground(view, origin, at);
    const call = pid === undefined ? undefined : this.#calls.get(pid);
    if (pid === undefined || call === undefined) return;
    const args = argsOf(view, at, decode);
    // What sudo becomes itself is the command; its children may also be helpers of its own.
    if (pid !== own && !isAskedFor(call.request, requestedName(view, at), args)) return;
    this.#calls.delete(pid);
    const target = this.#options.userName(word(view, at, EventHeader.uid));
    const program = pathAt(view, executableStart(at), requestedStart(view, at));
    const command = [program, ...args.slice(1)].join(" ");
    this.#current = { user: call.user, target };
    this.#options.tell({ outcome: "success", user: call.user, target, pid, command });
  }

  /**
   * The call that left its command to a process whose parent is gone. Nothing ties the two but who
   * logged in, who the command runs as and what it is: where that fits several, none can be told.
   */
  #findBackground(view: RecordView, origin: number, at: number): number | undefined {
    const parent = ancestorStart(origin, 0);
    if (!isNamedSudo(view, parent, commEnd(view.bytes, parent))) return undefined;
    const login = word(view, origin, Origin.loginUid);
    const target = this.#options.userName(word(view, at, EventHeader.uid));
    const [name, args] = [requestedName(view, at), argsOf(view, at, decode)];
    const calls = [...this.#calls].filter(([, call]) =>
      call.request.background && call.login === login &&
      targetOf(call.request, this.#options) === target && isAskedFor(call.request, name, args)
    );
    if (calls.length === 1) return calls[0]?.[0];
    for (const call of calls) this.#end(...call, "unknown");
    return undefined;
  }

  #end(pid: number, { user, request }: Call, outcome: "refused" | "unknown"): void {
    this.#calls.delete(pid);
    const target = targetOf(request, this.#options);
    const command = request.command.length === 0 ? "a shell" : request.command.join(" ");
    this.#options.tell({ outcome, user, target, pid, command });
  }
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** With U+FFFD for what is not UTF-8. */
function decode(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}

function pathAt({ bytes }: RecordView, start: number, end: number): string {
  return decode(bytes.subarray(start, end));
}

function parentsOf(view: RecordView, origin: number): readonly number[] {
  const count = Math.min(GENERATIONS, countAncestors(view, origin));
  return Array.from({ length: count }, (_, n) => ancestorPid(view, origin, n));
}

/** Sudo is setuid root: a program without root's rights only has its name. */
function hasRights(view: RecordView, at: number): boolean {
  return word(view, at, EventHeader.uid) === ROOT;
}

/** A file named sudo, or one that was asked for by that name. */
function isSudo(view: RecordView, at: number): boolean {
  const requested = requestedStart(view, at);
  return isNamedSudo(view, executableStart(at), requested) ||
    isNamedSudo(view, requested, argsStart(view, at));
}

const SUDO = new TextEncoder().encode("sudo");
const SLASH = 0x2f;

/** Looks at the bytes as they are, for this is asked of each program that root runs. */
function isNamedSudo({ bytes }: RecordView, start: number, end: number): boolean {
  const name = end - SUDO.length;
  if (name < start || (name > start && bytes[name - 1] !== SLASH)) return false;
  return SUDO.every((byte, n) => bytes[name + n] === byte);
}

function requestedName(view: RecordView, at: number): string {
  return baseName(pathAt(view, requestedStart(view, at), argsStart(view, at)));
}

/** Whether a child of sudo's runs what sudo was asked to run. */
function isAskedFor(request: SudoRequest, name: string, args: readonly string[]): boolean {
  if (request.shell) return name.endsWith("sh") || (args[0] ?? "").startsWith("-");
  const [asked = "", ...rest] = request.command;
  const given = args.slice(args.length - rest.length);
  const isNamed = [name, ...args.slice(0, args.length - rest.length).map(baseName)]
    .includes(baseName(asked));
  return isNamed && given.length === rest.length && rest.every((arg, i) => arg === given[i]);
}

function targetOf({ user }: SudoRequest, { userName }: SudoSessionsOptions): string {
  if (user === undefined) return userName(0);
  return /^#\d+$/.test(user) ? userName(Number(user.slice(1))) : user;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
