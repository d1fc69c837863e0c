/** The memory of a BPF map, to be read and written in place. @module */
import type { Libc } from "../kernel/libc.ts";
import { LibbpfError } from "./errors.ts";
import type { BpfMap } from "./map.ts";

/** A map of global variables, such as `.bss`: what programs and this process both see at once. */
export interface MappedMap extends Disposable {
  /** Empty once it is disposed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Maps it; throws a LibbpfError. */
export function mapInMemory(libc: Libc, map: BpfMap): MappedMap {
  const mapping = new Mapping(libc, map, { size: map.valueSize, offset: 0, writable: true });
  return {
    bytes: new Uint8Array(mapping.part(0, map.valueSize)),
    [Symbol.dispose]: () => mapping[Symbol.dispose](),
  };
}

/** What of a map's memory is mapped, in bytes; where it begins lies at the beginning of a page. */
export interface MappingOptions {
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

/** Memory that a map shares with this process, until it is disposed. */
export class Mapping implements Disposable {
  readonly #libc: Libc;
  readonly #pointer: Deno.PointerObject;
  readonly #size: bigint;
  readonly #parts: ArrayBuffer[] = [];

  /** Throws a LibbpfError. */
  constructor(libc: Libc, map: BpfMap, { size, offset, writable }: MappingOptions) {
    const access = PROT_READ | (writable ? PROT_WRITE : 0);
    this.#libc = libc;
    this.#size = BigInt(size);
    const pointer = libc.symbols.mmap(null, this.#size, access, MAP_SHARED, map.fd, BigInt(offset));
    if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) {
      throw new LibbpfError(`map the BPF map "${map.name}"`, { code: libc.errno(), log: [] });
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
