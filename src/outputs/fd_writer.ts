/**
 * Writing to standard output so that what was written can be told exactly, also where nobody reads.
 *
 * A write of Deno's to a full pipe blocks on a thread of its own until somebody reads: it can be
 * neither ended nor asked how far it came, and the thread costs more than the write. To pipes,
 * sockets and devices this therefore writes itself, never more than they take at once, and waits for
 * room in between. A file takes everything, but a disk may take long: that is left to Deno's thread.
 * @module
 */
import { errnoName } from "../kernel/errno.ts";
import { cString, type Libc, openLibc } from "../kernel/libc.ts";
import { statusOf } from "../kernel/status.ts";

/** Writes bytes to standard output. */
export interface StdoutWriter extends Disposable {
  /**
   * Writes some of the bytes, at least one, and tells how many, at once where there is room. Throws or
   * rejects with a BrokenPipe where nobody reads any more, and with an Interrupted once disposed.
   */
  write(bytes: Uint8Array<ArrayBuffer>): number | Promise<number>;
  /** False once nobody can read any more: the pipe's readers are gone, or the terminal is closed. */
  isRead(): boolean;
}

const STDOUT = 1;
const PATH = `/proc/self/fd/${STDOUT}`;
const O_WRONLY = 0o1;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_NOCTTY = 0o400;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const POLLOUT = 4;
/** POLLERR, POLLHUP and POLLNVAL, which are told whether asked for or not. */
const POLL_ENDED = 0x38;
const EINTR = 4;
const EAGAIN = 11;
const EPIPE = 32;

/** How long one wait for room may take: a disposed writer's descriptor is kept so long. */
const POLL_MS = 200;

/**
 * The most that is handed to Deno in one write: what a write that never ends leaves unknown. Less
 * costs a turn of the event loop, some 100 µs, more often.
 */
const SLICE = 256 * 1024;

/** Opens standard output: a file as it is, anything else so that no write to it can hang. */
export function openStdoutWriter(): StdoutWriter {
  const libc = openLibc();
  return openPatientWriter(libc) ?? new PlainWriter(libc);
}

/** Undefined where it is a file, or another user's that may not be opened again. */
function openPatientWriter(libc: Libc): StdoutWriter | undefined {
  switch (statusOf(libc, STDOUT)?.type) {
    case "file":
      return undefined;
    case "socket":
      return openSocketWriter(libc);
    default:
      return openAnew(libc);
  }
}

function openSocketWriter(libc: Libc): StdoutWriter {
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  return new PatientWriter(
    libc,
    STDOUT,
    (bytes) => libc.symbols.send(STDOUT, bytes, BigInt(bytes.length), flags),
  );
}

function openAnew(libc: Libc): StdoutWriter | undefined {
  // Opened again it has flags of its own; O_NONBLOCK on what was inherited would be everybody's.
  const flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const descriptor = libc.symbols.open(cString(PATH), flags);
  if (descriptor < 0) return undefined;
  return new PatientWriter(
    libc,
    descriptor,
    (bytes) => libc.symbols.write(descriptor, bytes, BigInt(bytes.length)),
  );
}

/** Writes what a descriptor takes without waiting, and waits for room apart from that. */
class PatientWriter implements StdoutWriter {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #put: (bytes: Uint8Array<ArrayBuffer>) => bigint;
  readonly #poll: PollDescriptor;
  #polling: Promise<unknown> | undefined;
  #wake: (() => void) | undefined;
  #disposed = false;

  constructor(libc: Libc, descriptor: number, put: (bytes: Uint8Array<ArrayBuffer>) => bigint) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#put = put;
    this.#poll = Int32Array.of(descriptor, POLLOUT);
  }

  isRead(): boolean {
    return this.#disposed || isRead(this.#libc, this.#descriptor);
  }

  write(bytes: Uint8Array<ArrayBuffer>): number | Promise<number> {
    return this.#tryToWrite(bytes) ?? this.#writeLater(bytes);
  }

  async #writeLater(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    for (;;) {
      await this.#room();
      const written = this.#tryToWrite(bytes);
      if (written !== undefined) return written;
    }
  }

  /** Undefined where there is no room. */
  #tryToWrite(bytes: Uint8Array<ArrayBuffer>): number | undefined {
    while (!this.#disposed) {
      const written = Number(this.#put(bytes));
      if (written >= 0) return written;
      const errno = this.#libc.errno();
      if (errno === EAGAIN) return undefined;
      // A terminal that was closed tells EIO.
      if (errno === EPIPE || !this.isRead()) {
        throw new Deno.errors.BrokenPipe("Cannot write to stdout: nobody reads it");
      }
      if (errno !== EINTR) throw new Error(`Cannot write to stdout: ${errnoName(errno)}`);
    }
    throw new Deno.errors.Interrupted("Cannot write to stdout: it was closed meanwhile");
  }

  /** Ends the write under way; nothing is written from here on. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#wake?.();
    // The wait on the other thread uses the descriptor, whose number could else be given out anew.
    if (this.#polling === undefined) this.#close();
    else this.#polling.then(() => this.#close());
  }

  /** Waits until there may be room, or nobody reads, or some time has passed, or it is disposed. */
  #room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    this.#polling = this.#libc.symbols.poll(this.#poll, 1n, POLL_MS).then(() => {
      this.#polling = undefined;
      resolve();
    });
    return promise;
  }

  #close(): void {
    if (this.#descriptor !== STDOUT) this.#libc.symbols.close(this.#descriptor);
    this.#libc[Symbol.dispose]();
  }
}

class PlainWriter implements StdoutWriter {
  readonly #libc: Libc;
  #disposed = false;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  isRead(): boolean {
    return this.#disposed || isRead(this.#libc, STDOUT);
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    if (this.#disposed) {
      return Promise.reject(new Deno.errors.Interrupted("Cannot write to stdout: it is closed"));
    }
    return Deno.stdout.write(bytes.subarray(0, SLICE));
  }

  [Symbol.dispose](): void {
    if (!this.#disposed) this.#libc[Symbol.dispose]();
    this.#disposed = true;
  }
}

/** `struct pollfd`: i32 fd, i16 events, i16 revents. */
type PollDescriptor = Int32Array<ArrayBuffer>;

function isRead(libc: Libc, descriptor: number): boolean {
  const poll: PollDescriptor = Int32Array.of(descriptor, 0);
  libc.symbols.poll_here(poll, 1n, 0);
  return (poll[1] >>> 16 & POLL_ENDED) === 0;
}
