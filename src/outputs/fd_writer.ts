/**
 * Writing to standard output so that what was written can be told exactly, also where nobody reads.
 *
 * A write of Deno's to a full pipe blocks on a thread of its own until somebody reads: it can be
 * neither ended nor asked how far it came. To a pipe this therefore writes itself, never more than
 * fits, and waits for room in between.
 * @module
 */
import { errnoName } from "../kernel/errno.ts";
import { cString, type Libc, openLibc } from "../kernel/libc.ts";

/** Writes bytes to standard output. */
export interface StdoutWriter extends Disposable {
  /**
   * Writes some of the bytes, at least one, and tells how many. Rejects with a BrokenPipe where nobody
   * reads any more, and with an Interrupted once disposed.
   */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<number>;
}

// Never closed: it is the C library that the process itself runs on.
const { symbols: more } = Deno.dlopen("libc.so.6", {
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
});

const STDOUT = 1;
const O_WRONLY = 0o1;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const F_GETPIPE_SZ = 1032;
const POLLOUT = 4;
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

/** Opens standard output: a pipe so that no write to it can hang, anything else as it is. */
export function openStdoutWriter(): StdoutWriter {
  return openPipeWriter() ?? new PlainWriter();
}

/** Undefined where standard output is no pipe, or another user's that may not be opened again. */
function openPipeWriter(): StdoutWriter | undefined {
  if (more.fcntl(STDOUT, F_GETPIPE_SZ, 0) < 0) return undefined;
  const libc = openLibc();
  // Opened again it has flags of its own; O_NONBLOCK on what was inherited would be everybody's.
  const path = new Uint8Array(cString(`/proc/self/fd/${STDOUT}`));
  const descriptor = libc.symbols.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor >= 0) return new PipeWriter(libc, descriptor);
  libc[Symbol.dispose]();
  return undefined;
}

class PipeWriter implements StdoutWriter {
  readonly #libc: Libc;
  readonly #descriptor: number;
  /** `struct pollfd`: i32 fd, i16 events, i16 revents. */
  readonly #poll: Int32Array<ArrayBuffer>;
  #polling: Promise<unknown> | undefined;
  #wake: (() => void) | undefined;
  #disposed = false;

  constructor(libc: Libc, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#poll = Int32Array.of(descriptor, POLLOUT);
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    while (!this.#disposed) {
      const { symbols } = this.#libc;
      const written = Number(symbols.write(this.#descriptor, bytes, BigInt(bytes.length)));
      if (written >= 0) return written;
      const errno = this.#libc.errno();
      if (errno === EAGAIN) await this.#room();
      else if (errno === EPIPE) {
        throw new Deno.errors.BrokenPipe("Cannot write to stdout: nobody reads it");
      } else if (errno !== EINTR) throw new Error(`Cannot write to stdout: ${errnoName(errno)}`);
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
    this.#libc.symbols.close(this.#descriptor);
    this.#libc[Symbol.dispose]();
  }
}

class PlainWriter implements StdoutWriter {
  #disposed = false;

  write(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    if (this.#disposed) {
      return Promise.reject(new Deno.errors.Interrupted("Cannot write to stdout: it is closed"));
    }
    return Deno.stdout.write(bytes.subarray(0, SLICE));
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
  }
}
