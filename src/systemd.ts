/** What a service tells systemd (sd_notify(3)), and whether its stderr is the journal. @module */
import type { Environment } from "./cli/settings.ts";
import { AgentError } from "./errors.ts";
import { openLibc } from "./kernel/libc.ts";
import { statusOf } from "./kernel/status.ts";
import { escapeControls, type LogFormat, type LogLayout } from "./log.ts";

/** Tells systemd how the service is. Does nothing where nobody listens, and never throws. */
export interface Notifier extends Disposable {
  /** `alive` has to come at least this often; undefined where no watchdog watches this process. */
  readonly watchdogMs: number | undefined;
  /** The service has started, or has reloaded; with a line for `systemctl status`. */
  ready(status: string): void;
  status(text: string): void;
  alive(): void;
  reloading(): void;
  stopping(): void;
}

/** The functions of the C library that this takes; x86-64 and arm64 alike. */
export const SYSTEMD_SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Finds the service manager's socket in NOTIFY_SOCKET: a path, or `@` and an abstract name. */
export function openNotifier(environment: Environment): Notifier {
  const address = socketAddress(environment.NOTIFY_SOCKET ?? "");
  const library = address && openSocketLibrary();
  if (!library) return SILENT;
  const fd = library.symbols.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return new SocketNotifier(library, fd, address, watchdogMs(environment));
}

/** How messages are laid out on stderr: text that goes to the journal is laid out for it. */
export function logLayout(format: LogFormat, environment: Environment): LogLayout {
  return format === "text" && isJournal(environment.JOURNAL_STREAM ?? "") ? "journal" : format;
}

/** The line that `systemctl status` shows while all is well. */
export function activityStatus(eventsPerSecond: number, lost: number): string {
  return `${WHOLE.format(eventsPerSecond)} events/s, ${WHOLE.format(lost)} lost`;
}

/** Kept: to make one takes longer than all else that is done for a status. */
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

type SocketLibrary = Deno.DynamicLibrary<typeof SYSTEMD_SYMBOLS>;

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const STDERR = 2;

const SILENT: Notifier = {
  watchdogMs: undefined,
  ready() {},
  status() {},
  alive() {},
  reloading() {},
  stopping() {},
  [Symbol.dispose]() {},
};

class SocketNotifier implements Notifier {
  readonly watchdogMs: number | undefined;
  readonly #library: SocketLibrary;
  readonly #address: Uint8Array<ArrayBuffer>;
  #fd: number;
  /** Lines that must arrive and have not: they go with the next ones. */
  #owed = "";

  constructor(
    library: SocketLibrary,
    fd: number,
    address: Uint8Array<ArrayBuffer>,
    watchdogMs: number | undefined,
  ) {
    this.#library = library;
    this.#fd = fd;
    this.#address = address;
    this.watchdogMs = watchdogMs;
  }

  ready(status: string): void {
    this.#tell(`READY=1\nSTATUS=${escapeControls(status)}\n`, true);
  }

  status(text: string): void {
    this.#tell(`STATUS=${escapeControls(text)}\n`);
  }

  alive(): void {
    this.#tell("WATCHDOG=1\n");
  }

  reloading(): void {
    this.#tell("RELOADING=1\n", true);
  }

  stopping(): void {
    this.#tell("STOPPING=1\n", true);
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    this.#library.symbols.close(this.#fd);
    this.#library.close();
    this.#fd = -1;
  }

  #tell(lines: string, mustArrive = false): void {
    if (this.#fd < 0) return;
    const all = this.#owed + lines;
    if (this.#send(all)) this.#owed = "";
    else if (mustArrive) this.#owed = all;
  }

  /** Never waits: the loop must not stand still because systemd does. */
  #send(text: string): boolean {
    const bytes = new TextEncoder().encode(text);
    const { sendto } = this.#library.symbols;
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const { length } = this.#address;
    return sendto(this.#fd, bytes, BigInt(bytes.length), flags, this.#address, length) >= 0;
  }
}

/** A struct sockaddr_un; undefined for what is no address of a Unix socket. */
function socketAddress(name: string): Uint8Array<ArrayBuffer> | undefined {
  const abstract = name.startsWith("@");
  if (!abstract && !name.startsWith("/")) return undefined;
  const path = new TextEncoder().encode(abstract ? `\0${name.slice(1)}` : `${name}\0`);
  if (path.length < 2 || path.length > 108) return undefined;
  const address = new Uint8Array(2 + path.length);
  address.set(new Uint8Array(Uint16Array.of(AF_UNIX).buffer));
  address.set(path, 2);
  return address;
}

/** As sd_watchdog_enabled(3) has it: WATCHDOG_PID names another process where it is not for us. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: Environment): number | undefined {
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== Deno.pid) return undefined;
  const microseconds = Number(WATCHDOG_USEC);
  return microseconds > 0 ? microseconds / 1000 : undefined;
}

/** Whether stderr is the stream that JOURNAL_STREAM tells (`DEVICE:INODE`, systemd.exec(5)). */
function isJournal(stream: string): boolean {
  if (!/^\d+:\d+$/.test(stream)) return false;
  try {
    using libc = openLibc();
    const status = statusOf(libc, STDERR);
    return status !== undefined && stream === `${status.device}:${status.inode}`;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return false;
  }
}

function openSocketLibrary(): SocketLibrary | undefined {
  try {
    return Deno.dlopen("libc.so.6", SYSTEMD_SYMBOLS);
  } catch {
    // Not glibc: the agent itself will say so.
    return undefined;
  }
}
