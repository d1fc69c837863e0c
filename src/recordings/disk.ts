/**
 * A file that another thread writes to, by libc: Deno itself would want the permission to write any file.
 * This thread writes only to learn why the other could not.
 * @module
 */
import { errnoName } from "../kernel/errno.ts";
import { cString, type Libc } from "../kernel/libc.ts";
import { statusOf } from "../kernel/status.ts";

/** An operation on a file that failed; `code` is the errno's name. */
export class DiskError extends Error {
  override readonly name = "DiskError";
  readonly code: string;

  constructor(action: string, path: string, code: string) {
    super(`Cannot ${action} ${path}: ${code}`);
    this.code = code;
  }
}

// Never closed: it is the C library that the process itself runs on.
const { symbols: more } = Deno.dlopen("libc.so.6", {
  creat: { name: "open", parameters: ["buffer", "i32", "u32"], result: "i32" },
  write: {
    parameters: ["i32", "buffer", "usize"],
    result: "isize",
    nonblocking: true,
  },
  fsync: { parameters: ["i32"], result: "i32", nonblocking: true },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  rename: { parameters: ["buffer", "buffer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
});

const O_WRONLY = 0o1;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_APPEND = 0o2000;
const O_CLOEXEC = 0o2000000;
/** For the owner alone: arguments can hold secrets. */
const MODE = 0o600;
const ENOENT = 2;

/** A new file, open for writing. */
export class NewFile implements Disposable {
  readonly #libc: Libc;
  readonly #path: string;
  readonly #descriptor: number;
  #size = 0;

  /** Throws a DiskError, EEXIST where anything has that name; no link is followed. */
  constructor(libc: Libc, path: string) {
    this.#libc = libc;
    this.#path = path;
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC;
    this.#descriptor = more.creat(cString(path), flags, MODE);
    if (this.#descriptor < 0) throw this.#error("create");
  }

  /** Bytes written. */
  get size(): number {
    return this.#size;
  }

  /** Writes all of the bytes, or none: where it cannot, it takes back what it wrote, and throws. */
  async write(...parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const before = this.#size;
    try {
      for (const part of parts) await this.#writePart(part);
    } catch (error) {
      // Where not even that succeeds, the reader finds the block cut.
      if (more.ftruncate(this.#descriptor, BigInt(before)) === 0) this.#size = before;
      throw error;
    }
  }

  /** Returns when the disk has everything. */
  async sync(): Promise<void> {
    if (await more.fsync(this.#descriptor) !== 0) {
      throw new DiskError("write all of", this.#path, "fsync failed");
    }
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#descriptor);
  }

  async #writePart(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const rest = bytes.subarray(at);
      const size = BigInt(rest.length);
      let written = Number(await more.write(this.#descriptor, rest, size));
      // The errno stays on the thread that made the call. This one tells it, or succeeds.
      if (written < 0) written = Number(this.#libc.symbols.write(this.#descriptor, rest, size));
      if (written <= 0) throw this.#error("write");
      at += written;
      this.#size += written;
    }
  }

  #error(action: string): DiskError {
    return new DiskError(action, this.#path, errnoName(this.#libc.errno()));
  }
}

/** Gives a file another name, in place of what has that name; throws a DiskError. */
export function rename(libc: Libc, from: string, to: string): void {
  if (more.rename(cString(from), cString(to)) === 0) return;
  throw new DiskError("rename", from, errnoName(libc.errno()));
}

/** Removes a file; throws a DiskError. */
export function remove(libc: Libc, path: string): void {
  if (more.unlink(cString(path)) !== 0) {
    throw new DiskError("remove", path, errnoName(libc.errno()));
  }
}

/** What has a name: a file and its size, something else, or nothing. Throws a DiskError. */
export type Named =
  | { readonly is: "file"; readonly size: number }
  | { readonly is: "other" }
  | { readonly is: "nothing" };

/** Looks at what has a name; a link is something else, or where `followed` what it leads to. */
export function lookAt(libc: Libc, path: string, followed: boolean): Named {
  const status = statusOf(libc, path, followed);
  if (status?.type === "file") return { is: "file", size: status.size };
  if (status !== undefined) return { is: "other" };
  const errno = libc.errno();
  if (errno === ENOENT) return { is: "nothing" };
  throw new DiskError("look at", path, errnoName(errno));
}
