/** A file on the disk to read a recording from, part by part. @module */
import { usageError } from "../errors.ts";
import { errnoName } from "../kernel/errno.ts";
import { cString, type Libc } from "../kernel/libc.ts";
import { DiskError, lookAt } from "./disk.ts";
import type { Source } from "./reader.ts";

const NO_FILE = "it is a folder, pipe or device, and a file is needed";
const O_RDONLY = 0;
const O_CLOEXEC = 0o2000000;

/** Opens a file. Throws a usage error where it cannot be read, or is no file. */
export function openSource(libc: Libc, path: string): Source & Disposable {
  const size = sizeOf(libc, path);
  const { open, pread, close } = libc.symbols;
  const descriptor = open(cString(path), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw unreadable(path, errnoName(libc.errno()));
  return {
    name: path,
    size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length;) {
        const rest = bytes.subarray(at);
        const count = Number(pread(descriptor, rest, BigInt(rest.length), BigInt(offset + at)));
        if (count < 0) throw unreadable(path, errnoName(libc.errno()));
        if (count === 0) throw unreadable(path, "it becomes shorter while it is read");
        at += count;
      }
      return bytes;
    },
    [Symbol.dispose]: () => void close(descriptor),
  };
}

function sizeOf(libc: Libc, path: string): number {
  try {
    const named = lookAt(libc, path, true);
    if (named.is === "file") return named.size;
    throw unreadable(path, named.is === "nothing" ? "ENOENT" : NO_FILE);
  } catch (error) {
    if (error instanceof DiskError) throw unreadable(path, error.code);
    throw error;
  }
}

function unreadable(path: string, reason: string): Error {
  return usageError(`Cannot read ${path}: ${reason}. Give the name of a file that can be read`);
}
