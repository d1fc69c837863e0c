/** Places a program where it can be executed: in memory, or else in a folder of its own. @module */
import { errnoName } from "../kernel/errno.ts";
import { cString, type Libc } from "../kernel/libc.ts";

/** Signatures of the C library, those of x86-64 and arm64 alike. */
export const PLACEMENT_SYMBOLS = {
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  mkdtemp: { parameters: ["buffer"], result: "pointer" },
  creat: { parameters: ["buffer", "u32"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  rmdir: { parameters: ["buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** A program that can be executed until this is disposed. */
export interface Placed extends Disposable {
  readonly path: string;
}

/** A way of placing a program; throws a PlacementError where it cannot. */
export interface Place {
  readonly name: string;
  put(image: Uint8Array<ArrayBuffer>): Placed;
}

export class PlacementError extends Error {
  override readonly name = "PlacementError";
}

/**
 * The places to try in turn: memory leaves nothing behind and needs no writable folder, but
 * vm.memfd_noexec forbids it; of the folders some are read-only or mounted noexec.
 */
export function openPlaces(
  libc: Libc,
  folders: readonly string[],
): Disposable & { readonly places: readonly Place[] } {
  const library = Deno.dlopen("libc.so.6", PLACEMENT_SYMBOLS);
  const parts = { libc, symbols: library.symbols };
  return {
    places: [
      { name: "memory", put: (image) => putIntoMemory(parts, image) },
      ...folders.map((folder) => ({
        name: folder,
        put: (image: Uint8Array<ArrayBuffer>) => putIntoFolder(parts, folder, image),
      })),
    ],
    [Symbol.dispose]: () => library.close(),
  };
}

interface Parts {
  readonly libc: Libc;
  readonly symbols: Deno.StaticForeignLibraryInterface<typeof PLACEMENT_SYMBOLS>;
}

const NAME = "ebpf-agent-prove";
/** Linux 6.3 and later: without it, vm.memfd_noexec=1 forbids execution. Before, it is an error. */
const MFD_EXEC = 0x10;
const OWNER_ONLY = 0o700;

function putIntoMemory({ libc, symbols }: Parts, image: Uint8Array<ArrayBuffer>): Placed {
  // Kept open across the execution, because the program finds itself by the descriptor.
  let fd = symbols.memfd_create(cString(NAME), MFD_EXEC);
  if (fd < 0 && errnoName(libc.errno()) === "EINVAL") {
    fd = symbols.memfd_create(cString(NAME), 0);
  }
  if (fd < 0) throw new PlacementError(errnoName(libc.errno()));
  using stack = new DisposableStack();
  stack.defer(() => libc.symbols.close(fd));
  write(libc, fd, image);
  return placed(`/proc/self/fd/${fd}`, stack.move());
}

function putIntoFolder(
  { libc, symbols }: Parts,
  folder: string,
  image: Uint8Array<ArrayBuffer>,
): Placed {
  using stack = new DisposableStack();
  const own = cString(`${folder}/${NAME}.XXXXXX`);
  if (symbols.mkdtemp(own) === null) throw new PlacementError(errnoName(libc.errno()));
  stack.defer(() => symbols.rmdir(own));
  const path = `${new TextDecoder().decode(own.subarray(0, -1))}/prove`;
  const fd = symbols.creat(cString(path), OWNER_ONLY);
  if (fd < 0) throw new PlacementError(errnoName(libc.errno()));
  stack.defer(() => symbols.unlink(cString(path)));
  try {
    write(libc, fd, image);
  } finally {
    // A file that is open for writing is not executed (ETXTBSY).
    libc.symbols.close(fd);
  }
  return placed(path, stack.move());
}

function write(libc: Libc, fd: number, image: Uint8Array<ArrayBuffer>): void {
  // A few kilobytes, which the kernel takes at once or not at all.
  const written = Number(libc.symbols.write(fd, image, BigInt(image.length)));
  if (written !== image.length) {
    throw new PlacementError(written < 0 ? errnoName(libc.errno()) : "ENOSPC");
  }
}

function placed(path: string, resources: DisposableStack): Placed {
  return { path, [Symbol.dispose]: () => resources.dispose() };
}
