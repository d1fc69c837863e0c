/** Memory that a descriptor of the kernel's shares with this process. @module */
import type { Libc } from "../kernel/libc.ts";
import { LibbpfError } from "./errors.ts";

/** What is mapped, in bytes; where it begins lies at the beginning of a page. */
export interface MappingOptions {
  /** As it follows "Cannot map". */
  readonly what: string;
  readonly size: number;
  readonly offset: number;
  /** The kernel gives some of it to be read only. */
  readonly writable: boolean;
}

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** What mmap(2) returns where it failed: -1 as an address. */
const MAP_FAILED = 2n ** 64n - 1n;

/** Memory that a descriptor shares with this process, until it is disposed. */
export class Mapping implements Disposable {
  readonly #libc: Libc;
  readonly #pointer: Deno.PointerObject;
  readonly #size: bigint;
  readonly #parts: ArrayBuffer[] = [];

  /** Throws a LibbpfError. */
  constructor(libc: Libc, descriptor: number, { what, size, offset, writable }: MappingOptions) {
    const access = PROT_READ | (writable ? PROT_WRITE : 0);
    this.#libc = libc;
    this.#size = BigInt(size);
    const { mmap } = libc.symbols;
    const pointer = mmap(null, this.#size, access, MAP_SHARED, descriptor, BigInt(offset));
    if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) {
      throw new LibbpfError(`map ${what}`, { code: libc.errno(), log: [] });
    }
    this.#pointer = pointer;
  }

  /** Some of it: so many bytes from an offset on. Empty once the mapping is disposed. */
  part(offset: number, size: number): ArrayBuffer {
    // SAFETY: the buffer lies within the mapping, and is detached before that is undone.
    const part = new Deno.UnsafePointerView(this.#pointer).getArrayBuffer(size, offset);
    this.#parts.push(part);
    return part;
  }

  [Symbol.dispose](): void {
    for (const part of this.#parts) part.transfer(0);
    this.#libc.symbols.munmap(this.#pointer, this.#size);
  }
}
