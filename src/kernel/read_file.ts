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
export function readKernelFile(libc: Libc, path: string): Uint8Array<ArrayBuffer> {
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
  const { open, pread, close } = libc.symbols;
  const fd = open(cString(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw new KernelFileError(path, errnoName(libc.errno()));
  try {
    return use((into, offset) => {
      const size = Number(pread(fd, into, BigInt(into.length), BigInt(offset)));
      if (size < 0) throw new KernelFileError(path, errnoName(libc.errno()));
      return size;
    });
  } finally {
    close(fd);
  }
}

function grown(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(buffer.length * 8);
  larger.set(buffer);
  return larger;
}
