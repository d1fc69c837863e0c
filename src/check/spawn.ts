/** Runs a program by libc: Deno does so only with a permission that the agent is not given. @module */
import { errnoName } from "../kernel/errno.ts";
import { cString } from "../kernel/libc.ts";
import { structureWith } from "../libbpf/structure.ts";

/** Signatures of the C library, those of x86-64 and arm64 alike. */
export const SPAWN_SYMBOLS = {
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize", nonblocking: true },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32", nonblocking: true },
  posix_spawn: {
    parameters: ["buffer", "buffer", "buffer", "pointer", "buffer", "buffer"],
    result: "i32",
  },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The kernel or the C library would not start a program. */
export class SpawnError extends Error {
  override readonly name = "SpawnError";
}

/** What became of a program. */
export interface Ended {
  readonly stdout: string;
  /** As waitpid(2) tells it: 0 where the program ended well. */
  readonly status: number;
}

/**
 * Runs a program to its end, with an empty environment and its output collected. Throws a SpawnError
 * where it cannot be started.
 */
export async function runProgram(path: string, args: readonly string[]): Promise<Ended> {
  using stack = new DisposableStack();
  const library = stack.adopt(
    Deno.dlopen("libc.so.6", SPAWN_SYMBOLS),
    (library) => library.close(),
  );
  const { symbols } = library;
  const ends = new Int32Array(2);
  if (symbols.pipe2(ends, O_CLOEXEC) !== 0) throw new SpawnError("Cannot make a pipe");
  const [readEnd, writeEnd] = ends;
  stack.defer(() => symbols.close(readEnd));
  let pid: number;
  try {
    pid = spawn(symbols, { path, args, stdout: writeEnd });
  } finally {
    symbols.close(writeEnd);
  }
  const stdout = await readAll(symbols, readEnd);
  const status = new Int32Array(1);
  await symbols.waitpid(pid, status, 0);
  return { stdout, status: status[0] };
}

type Symbols = Deno.StaticForeignLibraryInterface<typeof SPAWN_SYMBOLS>;

interface SpawnOptions {
  readonly path: string;
  readonly args: readonly string[];
  readonly stdout: number;
}

const O_CLOEXEC = 0o2000000;
const STDOUT = 1;
const POINTER_SIZE = 8;
/** Room for a `posix_spawn_file_actions_t`: 80 bytes in glibc, and it grows by none. */
const FILE_ACTIONS_SIZE = 128;

function spawn(symbols: Symbols, { path, args, stdout }: SpawnOptions): number {
  const actions = new Uint8Array(FILE_ACTIONS_SIZE);
  symbols.posix_spawn_file_actions_init(actions);
  try {
    symbols.posix_spawn_file_actions_adddup2(actions, stdout, STDOUT);
    const pid = new Int32Array(1);
    const environment = new BigUint64Array(1);
    const argv = argumentVector(args);
    const error = symbols.posix_spawn(pid, cString(path), actions, null, argv, environment);
    if (error !== 0) throw new SpawnError(errnoName(error));
    return pid[0];
  } finally {
    symbols.posix_spawn_file_actions_destroy(actions);
  }
}

/** Pointers to texts, with the texts behind them. */
function argumentVector(args: readonly string[]): Uint8Array {
  const texts = args.map(cString);
  const all = Uint8Array.from(texts.flatMap((text) => [...text]));
  const { bytes, fields, dataAddress } = structureWith((args.length + 1) * POINTER_SIZE, all);
  let address = dataAddress;
  texts.forEach((text, index) => {
    fields.setBigUint64(index * POINTER_SIZE, address, true);
    address += BigInt(text.length);
  });
  return bytes;
}

async function readAll(symbols: Symbols, fd: number): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let text = "";
  for (;;) {
    const size = Number(await symbols.read(fd, buffer, BigInt(buffer.length)));
    if (size <= 0) return text + decoder.decode();
    text += decoder.decode(buffer.subarray(0, size), { stream: true });
  }
}
