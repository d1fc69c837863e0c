/** The files that a user names, read through the C library: Deno is allowed to read none of them. @module */
import { errnoName } from "../kernel/errno.ts";
import { cString, type Libc, openLibc } from "../kernel/libc.ts";
import { KernelFileError, readKernelPart } from "../kernel/read_file.ts";
import { MOST_BYTES } from "../documents/text.ts";

/** Where files are read. */
export interface Files {
  /** The bytes of a file, of a large one only the first; throws what {@link isUnreadable} knows. */
  read(path: string): Uint8Array;
  /**
   * What a path or pattern (glob(7)) names, in order; relative to a folder that ends in a slash.
   * Throws what {@link isUnreadable} knows, also where a folder is there and cannot be read.
   */
  find(pattern: string, folder: string): readonly string[];
}

/** A file that cannot be read, with a reason for a sentence. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
  /** The errno's name. */
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(REASONS[code] ?? code, options);
    this.code = code;
  }
}

export function isUnreadable(error: unknown): error is UnreadableError {
  return error instanceof UnreadableError;
}

/** Whether an error is that there is no such file. */
export function isAbsence(error: UnreadableError): boolean {
  return ABSENT.has(error.code);
}

/** Whether a text may name several files; any other names one, which has to be there. */
export function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/** The files of this machine. */
export const diskFiles: Files = { read: readFromDisk, find: findOnDisk };

const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

const NO_FILE = "it is a pipe or device, and a file is needed";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "it may not be read (EACCES)",
  EISDIR: "it is a folder",
  ESPIPE: NO_FILE,
  ENXIO: NO_FILE,
  EILSEQ: "the name of a file there is not UTF-8",
  ELOOP: "its symbolic links go in a circle",
};

/** glob.h of 64-bit glibc: the size of glob_t, and where its count and its paths stand. */
const GLOB = { size: 72, count: 0, paths: 8 } as const;

/** What glob() returns, of glob.h. */
const GLOBBED = { all: 0, nothing: 3 } as const;

/** What glob() calls with a folder that it cannot open, and errno; anything but 0 ends the search. */
const ON_UNREADABLE = {
  parameters: ["pointer", "i32"],
  result: "i32",
} as const satisfies Deno.UnsafeCallbackDefinition;

const GLOB_SYMBOLS = {
  glob: { parameters: ["buffer", "i32", "function", "buffer"], result: "i32" },
  globfree: { parameters: ["buffer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

function readFromDisk(path: string): Uint8Array {
  using libc = openLibc();
  return readThrough(libc, path);
}

function readThrough(libc: Libc, path: string): Uint8Array {
  try {
    // One byte more than is allowed, to see that it is too large.
    return readKernelPart(libc, path, 0, MOST_BYTES + 1);
  } catch (error) {
    if (error instanceof KernelFileError) throw new UnreadableError(error.code, { cause: error });
    throw error;
  }
}

function findOnDisk(pattern: string, folder: string): readonly string[] {
  const relative = !pattern.startsWith("/");
  if (!isPattern(pattern)) return [relative ? folder + pattern : pattern];
  return glob(relative ? folder.replaceAll(/[*?[\\]/g, "\\$&") + pattern : pattern);
}

function glob(pattern: string): readonly string[] {
  const library = Deno.dlopen("libc.so.6", GLOB_SYMBOLS);
  const found = new DataView(new ArrayBuffer(GLOB.size));
  let code = "ENOMEM";
  const onUnreadable = new Deno.UnsafeCallback(ON_UNREADABLE, (_folder, errno) => {
    const name = errnoName(errno);
    if (ABSENT.has(name)) return 0;
    code = name;
    return 1;
  });
  try {
    const globbed = library.symbols.glob(cString(pattern), 0, onUnreadable.pointer, found);
    if (globbed === GLOBBED.nothing) return [];
    if (globbed !== GLOBBED.all) throw new UnreadableError(code);
    return pathsIn(found);
  } finally {
    library.symbols.globfree(found);
    library.close();
    onUnreadable.close();
  }
}

function pathsIn(found: DataView): readonly string[] {
  const paths = Deno.UnsafePointer.create(found.getBigUint64(GLOB.paths, true));
  return Array.from({ length: Number(found.getBigUint64(GLOB.count, true)) }, (_, index) => {
    // SAFETY: glob() has made an array of `count` pointers to texts, which are there until globfree().
    const path = paths && new Deno.UnsafePointerView(paths).getPointer(index * 8);
    return path === null ? "" : pathAt(path);
  });
}

function pathAt(pointer: Deno.PointerObject): string {
  try {
    return Deno.UnsafePointerView.getCString(pointer);
  } catch (cause) {
    throw new UnreadableError("EILSEQ", { cause });
  }
}
