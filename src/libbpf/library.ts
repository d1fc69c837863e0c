/** Opens the system's libbpf, and turns its results into values or errors. @module */
import { failedError, unsupportedError } from "../errors.ts";
import { errnoName } from "../kernel/errno.ts";
import { type Libc, openLibc } from "../kernel/libc.ts";
import { LIBBPF_ERRNO_START, LibbpfError } from "./errors.ts";
import { Lifetime } from "./lifetime.ts";
import { LogCapture } from "./log.ts";
import { LIBBPF_SYMBOLS, type LibbpfSymbols, VERSION_SYMBOLS } from "./symbols.ts";

/** Opens libbpf; throws an AgentError where it is not installed, is older than 1.0 or finds no CPUs. */
export function openLibbpf(path = "libbpf.so.1"): Libbpf {
  requireVersion(path);
  using resources = new DisposableStack();
  const library = dlopen(path, LIBBPF_SYMBOLS);
  resources.defer(() => library.close());
  const libc = resources.use(openLibc());
  const log = resources.use(new LogCapture(library.symbols, libc));
  const possibleCpus = countPossibleCpus(library.symbols);
  return new Libbpf({
    symbols: library.symbols,
    libc,
    log,
    possibleCpus,
    resources: resources.move(),
  });
}

/** An open libbpf. To be disposed after everything that was made with it. */
export class Libbpf implements Disposable {
  /** Such as `1.1`. */
  readonly version: string;
  /** How many values an element of a per-CPU map has: the CPUs that may come, not those online. */
  readonly possibleCpus: number;
  readonly #parts: LibbpfParts;
  readonly #lifetime = new Lifetime("libbpf");

  /** Called by {@link openLibbpf}. */
  constructor(parts: LibbpfParts) {
    this.#parts = parts;
    this.possibleCpus = parts.possibleCpus;
    const { libbpf_major_version: major, libbpf_minor_version: minor } = parts.symbols;
    this.version = `${major()}.${minor()}`;
  }

  /** The functions, to be called in place and not to be kept. */
  get symbols(): LibbpfSymbols {
    this.#lifetime.check();
    return this.#parts.symbols;
  }

  /** The C library, open for as long as libbpf is: opening another takes some milliseconds. */
  get libc(): Libc {
    this.#lifetime.check();
    return this.#parts.libc;
  }

  /**
   * Calls a function that answers with a number, below zero where it failed; throws a LibbpfError
   * with libbpf's words then. The operation is named as it follows "Cannot".
   */
  attempt(operation: string, call: (symbols: LibbpfSymbols) => number): number {
    const symbols = this.symbols;
    const { result, lines } = this.#parts.log.during(() => call(symbols));
    if (result < 0) throw this.failure(operation, result, lines);
    return result;
  }

  /** Calls a function that answers with a pointer, null where it failed; throws as `attempt` does. */
  attemptPointer<P>(operation: string, call: (symbols: LibbpfSymbols) => P | null): P {
    const symbols = this.symbols;
    let errno = 0;
    const { result, lines } = this.#parts.log.during(() => {
      const pointer = call(symbols);
      if (pointer === null) errno = this.#parts.libc.errno();
      return pointer;
    });
    if (result === null) throw this.failure(operation, errno, lines);
    return result;
  }

  /** The error for what a function called without `attempt` answered, whichever sign it has. */
  failure(operation: string, result: number, log: readonly string[] = []): LibbpfError {
    const code = Math.abs(result);
    if (code < LIBBPF_ERRNO_START) return new LibbpfError(operation, { code, log });
    return new LibbpfError(operation, { code, log, meaning: this.#describe(code) });
  }

  /**
   * Has the kernel time and count the runs of all BPF programs until the result is disposed. Throws an
   * AgentError where these privileges do not allow it.
   */
  enableStats(): Disposable {
    const fd = this.#openStats();
    const stack = new DisposableStack();
    stack.defer(() => this.libc.symbols.close(fd));
    return stack;
  }

  [Symbol.dispose](): void {
    if (this.#lifetime.end()) this.#parts.resources[Symbol.dispose]();
  }

  #openStats(): number {
    try {
      return this.attempt(
        "turn on the kernel's BPF statistics",
        (symbols) => symbols.bpf_enable_stats(BPF_STATS_RUN_TIME),
      );
    } catch (error) {
      if (!(error instanceof LibbpfError) || !FORBIDDEN.includes(error.code)) throw error;
      const remedy = "Run as root or with CAP_SYS_ADMIN, or leave out --bpf.stats";
      throw unsupportedError(`${error.message}. ${remedy}`, error);
    }
  }

  #describe(code: number): string {
    const text = new Uint8Array(128);
    this.symbols.libbpf_strerror(code, text, BigInt(text.length));
    return new TextDecoder().decode(text.subarray(0, text.indexOf(0)));
  }
}

/** What an open libbpf consists of. */
export interface LibbpfParts {
  readonly symbols: LibbpfSymbols;
  readonly libc: Libc;
  readonly log: LogCapture;
  readonly possibleCpus: number;
  /** Closes the libraries and the log. */
  readonly resources: Disposable;
}

/** `enum bpf_stats_type`. */
const BPF_STATS_RUN_TIME = 0;
const FORBIDDEN: readonly string[] = ["EPERM", "EACCES"];
const REMEDY = "Install libbpf 1.0 or later: libbpf1 on Debian, Ubuntu and openSUSE, " +
  "libbpf on Fedora, Arch and Alpine";

function countPossibleCpus(symbols: LibbpfSymbols): number {
  const count = symbols.libbpf_num_possible_cpus();
  if (count >= 0) return count;
  const code = errnoName(-count);
  const message = `Cannot read /sys/devices/system/cpu/possible: ${code}`;
  if (code !== "ENOENT") throw failedError(message);
  throw unsupportedError(`${message}. Mount sysfs at /sys`);
}

/** Asks before the rest is looked up, so that an old library is called old and not broken. */
function requireVersion(path: string): void {
  const library = dlopen(path, VERSION_SYMBOLS);
  try {
    const major = library.symbols.libbpf_major_version();
    if (major >= 1) return;
    const version = `${major}.${library.symbols.libbpf_minor_version()}`;
    throw unsupportedError(`Cannot use ${path}: its version is ${version}. ${REMEDY}`);
  } finally {
    library.close();
  }
}

function dlopen<const S extends Deno.ForeignLibraryInterface>(
  path: string,
  symbols: S,
): Deno.DynamicLibrary<S> {
  try {
    return Deno.dlopen(path, symbols);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = (cause instanceof Error ? cause.message : String(cause))
      .replace(/^(?:Could not open library: )+/, "");
    throw unsupportedError(`Cannot open libbpf: ${reason}. ${REMEDY}`, cause);
  }
}
