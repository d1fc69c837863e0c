/** Takes in what libbpf would print on stderr, the kernel verifier's log among it. @module */
import type { Libc } from "../kernel/libc.ts";
import { type LibbpfSymbols, PRINT_CALLBACK } from "./symbols.ts";

/** Keeps libbpf's warnings and remarks for as long as an operation lasts. */
export class LogCapture implements Disposable {
  readonly #setPrint: LibbpfSymbols["libbpf_set_print"];
  readonly #vsnprintf: Libc["symbols"]["vsnprintf"];
  readonly #callback: Deno.UnsafeCallback<typeof PRINT_CALLBACK>;
  readonly #short = new Uint8Array(1024);
  #lines: string[] = [];

  /** The functions have to stay callable until this is disposed. */
  constructor(libbpf: LibbpfSymbols, libc: Libc) {
    this.#setPrint = libbpf.libbpf_set_print;
    this.#vsnprintf = libc.symbols.vsnprintf;
    this.#callback = new Deno.UnsafeCallback(
      PRINT_CALLBACK,
      (level, format, values) => this.#take(level, format, values),
    );
    this.#setPrint(null);
  }

  /** Runs an operation, and hands its result on together with what libbpf said about it. */
  during<T>(operation: () => T): { readonly result: T; readonly lines: readonly string[] } {
    this.#lines = [];
    this.#setPrint(this.#callback.pointer);
    try {
      return { result: operation(), lines: this.#lines };
    } finally {
      // Printing is the whole process's, the callback ours: it is set for no longer than needed.
      this.#setPrint(null);
    }
  }

  [Symbol.dispose](): void {
    this.#callback.close();
  }

  #take(level: number, format: Deno.PointerValue, values: Deno.PointerValue): number {
    // Formatting the thousands of debug lines of a load would take longer than the load.
    if (level > LEVEL_INFO || format === null || values === null) return 0;
    for (const line of this.#format(format, values).split("\n")) {
      if (line !== "") this.#lines.push(line);
    }
    this.#lines.splice(0, this.#lines.length - MAX_LINES);
    return 0;
  }

  /** Formats a message; of a long one (a verifier log has up to 16 MiB) the end, which says why. */
  #format(format: Deno.PointerObject, values: Deno.PointerObject): string {
    const length = this.#print(this.#short, format, values);
    if (length < this.#short.length) return DECODER.decode(this.#short.subarray(0, length));
    const long = new Uint8Array(length + 1);
    this.#print(long, format, values);
    return DECODER.decode(long.subarray(Math.max(0, length - MAX_MESSAGE), length));
  }

  #print(into: Uint8Array, format: Deno.PointerObject, values: Deno.PointerObject): number {
    // vsnprintf uses a va_list up, so each time it gets a copy. On both machines the ABI passes a
    // va_list as the address of such a structure.
    const copy = new Uint8Array(VA_LIST_SIZE);
    // SAFETY: libbpf's va_list and format live until the callback that was handed them returns.
    Deno.UnsafePointerView.copyInto(values, copy);
    return Math.max(0, this.#vsnprintf(into, BigInt(into.length), format, copy));
  }
}

/** LIBBPF_INFO of `enum libbpf_print_level`; LIBBPF_WARN is 0, LIBBPF_DEBUG 2. */
const LEVEL_INFO = 1;
/** Size of a `va_list`: System V ABI of x86-64, 3.5.7; AAPCS64, appendix B. */
const VA_LIST_SIZE = Deno.build.arch === "x86_64" ? 24 : 32;
const MAX_MESSAGE = 64 * 1024;
const MAX_LINES = 1000;
const DECODER = new TextDecoder();
