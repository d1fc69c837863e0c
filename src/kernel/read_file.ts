/** Reads files of the kernel's, which Deno gives to nobody without every permission. @module */
import { errnoName } from "./errno.ts";
import { cString, type Libc } from "./libc.ts";

const O_RDONLY = 0;
/** Of a FIFO, where a user names one: it is not waited for. */
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const SMALL_FILE = 1 << 14;

/** A file of /proc or /sys that could not be read; `code` is the errno's name. */
export class KernelFileError extends Error {
  override readonly name = "KernelFileError";
  readonly code: string;

  constructor(path: string, code: string) {
    super(`Cannot read ${path}: ${code}`);
    this.code = code;
  }
}

/** The whole content of a file; throws a KernelFileError. */
function readKernelFile(libc: Libc, path: string): Uint8Array<ArrayBuffer> {
  return reading(libc, path, (read) => {
    let buffer = new Uint8Array(SMALL_FILE);
    for (let length = 0;;) {
      const size = read(buffer.subarray(length), length);
      if (size === 0) return buffer.subarray(0, length);
      length += size;
      if (length === buffer.length) buffer = grown(buffer);
    }
  });
}

/** So many bytes of a file from an offset on, or fewer where it ends; throws a KernelFileError. */
export function readKernelPart(
  libc: Libc,
  path: string,
  offset: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  return reading(libc, path, (read) => {
    const buffer = new Uint8Array(size);
    for (let length = 0; length < size;) {
      const count = read(buffer.subarray(length), offset + length);
      if (count === 0) return buffer.subarray(0, length);
      length += count;
    }
    return buffer;
  });
}

/** The content as text. */
export function readKernelText(libc: Libc, path: string): string {
  return new TextDecoder().decode(readKernelFile(libc, path));
}

/** Reads into memory from an offset; the kernel gives of some files a page at a time. */
type Read = (into: Uint8Array<ArrayBuffer>, offset: number) => number;

function reading<T>(libc: Libc, path: string, use: (read: Read) => T): T {
  using file = new KernelFile(libc, path);
  return use((into, offset) => file.read(into, offset));
}

/** An open file of the kernel's, for who reads it more than once. */
export class KernelFile implements Disposable {
  readonly #libc: Libc;
  readonly #path: string;
  readonly #fd: number;

  /** Throws a KernelFileError. */
  constructor(libc: Libc, path: string) {
    this.#libc = libc;
    this.#path = path;
    this.#fd = this.#checked(
      libc.symbols.open(cString(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK),
    );
  }

  /** Reads from an offset on, and returns how many bytes it got. Throws a KernelFileError. */
  read(into: Uint8Array<ArrayBuffer>, offset: number): number {
    const { pread } = this.#libc.symbols;
    return this.#checked(Number(pread(this.#fd, into, BigInt(into.length), BigInt(offset))));
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#fd);
  }

  #checked(result: number): number {
    if (result < 0) throw new KernelFileError(this.#path, errnoName(this.#libc.errno()));
    return result;
  }
}

function grown(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(buffer.length * 8);
  larger.set(buffer);
  return larger;
}
