/** Reads files of the kernel's, which Deno gives to nobody without every permission. @module */
import { errnoName } from "./errno.ts";
import { cString, type Libc } from "./libc.ts";

const O_RDONLY = 0;
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

/**
 * The whole content of a file; throws a KernelFileError. The kernel gives a page at a time of some
 * files, however much is asked for, so they are read into one buffer that grows.
 */
export function readKernelFile(libc: Libc, path: string): Uint8Array<ArrayBuffer> {
  const fd = libc.symbols.open(cString(path), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw new KernelFileError(path, errnoName(libc.errno()));
  try {
    let buffer = new Uint8Array(SMALL_FILE);
    for (let length = 0;;) {
      const room = buffer.subarray(length);
      const size = Number(libc.symbols.read(fd, room, BigInt(room.length)));
      if (size < 0) throw new KernelFileError(path, errnoName(libc.errno()));
      if (size === 0) return buffer.subarray(0, length);
      length += size;
      if (length === buffer.length) buffer = grown(buffer);
    }
  } finally {
    libc.symbols.close(fd);
  }
}

/** The content as text. */
export function readKernelText(libc: Libc, path: string): string {
  return new TextDecoder().decode(readKernelFile(libc, path));
}

function grown(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(buffer.length * 8);
  larger.set(buffer);
  return larger;
}
