/** The C library's functions that Deno has nothing for, called through FFI. @module */
import { unsupportedError } from "../errors.ts";

/** The functions as they can be called. */
export type LibcSymbols = Deno.StaticForeignLibraryInterface<typeof ALL_SYMBOLS>;

/** Signatures of the C library, those of x86-64 and arm64 alike. */
export const LIBC_SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  vsnprintf: { parameters: ["buffer", "usize", "pointer", "buffer"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  sysconf: { parameters: ["i32"], result: "isize" },
  getrusage: { parameters: ["i32", "buffer"], result: "i32" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  // Its third argument, the mode, is read only where a flag asks for a new file.
  open: { parameters: ["buffer", "i32"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  // The same on this thread.
  poll_here: { name: "poll", parameters: ["buffer", "u64", "i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32", nonblocking: true },
  // The same on this thread, which it keeps from everything else meanwhile.
  epoll_wait_here: {
    name: "epoll_wait",
    parameters: ["i32", "buffer", "i32", "i32"],
    result: "i32",
  },
  inotify_init1: { parameters: ["i32"], result: "i32" },
  inotify_add_watch: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  inotify_rm_watch: { parameters: ["i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** System calls that have no function of their own: the first argument is the call's number. */
const SYSTEM_CALLS = {
  perf_event_open: {
    name: "syscall",
    parameters: ["isize", "buffer", "i32", "i32", "i32", "usize"],
    result: "isize",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const ALL_SYMBOLS = { ...LIBC_SYMBOLS, ...SYSTEM_CALLS } as const;
const SC_PAGESIZE = 30;
const SC_NPROCESSORS_ONLN = 84;

/** An open C library. */
export class Libc implements Disposable {
  readonly symbols: LibcSymbols;
  readonly #library: Deno.DynamicLibrary<typeof ALL_SYMBOLS>;
  readonly #errno: Deno.UnsafePointerView;

  constructor(library: Deno.DynamicLibrary<typeof ALL_SYMBOLS>) {
    const location = library.symbols.__errno_location();
    if (location === null) throw new TypeError("Cannot find errno: its address is null");
    this.symbols = library.symbols;
    this.#library = library;
    this.#errno = new Deno.UnsafePointerView(location);
  }

  /**
   * What the last call left in errno. Only right after a call on the thread that opened this
   * library, and never after a nonblocking one: those run on threads with an errno of their own.
   */
  errno(): number {
    // SAFETY: errno lives in the storage of the thread that opened the library, and a JavaScript
    // realm never changes its thread.
    return this.#errno.getInt32();
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }
}

/** Opens the C library; throws an AgentError where there is no glibc. */
export function openLibc(path = "libc.so.6"): Libc {
  try {
    return new Libc(Deno.dlopen(path, ALL_SYMBOLS));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = (cause instanceof Error ? cause.message : String(cause))
      .replace(/^(?:Could not open library: )+/, "");
    throw unsupportedError(
      `Cannot open the C library: ${reason}. Run it on a Linux with glibc 2.31 or later`,
      cause,
    );
  }
}

/** The size of a page of memory, in bytes. */
export function pageSize(libc: Libc): number {
  return Number(libc.symbols.sysconf(SC_PAGESIZE));
}

/** How many CPUs are online: of those that may come, a virtual machine can have hundreds. */
export function countOnlineCpus(libc: Libc): number {
  return Number(libc.symbols.sysconf(SC_NPROCESSORS_ONLN));
}

/** The bytes of a C string, with the NUL at its end; throws where the text itself holds one. */
export function cString(text: string): Uint8Array {
  if (text.includes("\0")) {
    throw new TypeError(`Cannot pass ${JSON.stringify(text)} to C: it holds a NUL character`);
  }
  return new TextEncoder().encode(`${text}\0`);
}
