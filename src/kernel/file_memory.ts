/** Gives back the memory that holds what this process's files hold and is needed for a while only. @module */
import type { Libc } from "./libc.ts";
import { KernelFileError, readKernelText } from "./read_file.ts";

/** Where a part of a file lies in this process's memory. */
export interface FileMapping {
  readonly start: bigint;
  readonly size: bigint;
}

const MADV_DONTNEED = 4;

/**
 * Unmaps the code and the constants of the program and its libraries, all of them. Deno and V8 run
 * through some 20 MB of code and 17 MB of constants to start, through a good half from then on, and
 * all of it counts as the process's memory for as long as it is mapped. What is used again comes back
 * from the page cache.
 */
export function releaseFileMemory(libc: Libc): void {
  for (const { start, size } of fileMappings(readMappings(libc))) {
    libc.symbols.madvise(Deno.UnsafePointer.create(start), size, MADV_DONTNEED);
  }
}

/**
 * The mappings in the text of a /proc/PID/smaps (proc(5)) that cannot be written and hold nothing but
 * what a file holds. One that was written to would lose it: relocated addresses, a debugger's
 * breakpoint, or code made by V8.
 */
export function fileMappings(smaps: string): readonly FileMapping[] {
  return [...smaps.matchAll(MAPPING)].map(([, start = "", end = ""]) => ({
    start: BigInt(`0x${start}`),
    size: BigInt(`0x${end}`) - BigInt(`0x${start}`),
  }));
}

/** A file's inode is not 0; the lines of a mapping's account begin with a capital letter. */
const MAPPING =
  /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d* .*\n(?:[A-Z].*\n)*?Anonymous: +0 kB$/gm;

function readMappings(libc: Libc): string {
  try {
    return readKernelText(libc, "/proc/self/smaps");
  } catch (error) {
    // The memory is then kept, and the agent runs as well.
    if (error instanceof KernelFileError) return "";
    throw error;
  }
}
