/** The memory of a map of global variables, such as `.bss`, to be read and written in place. @module */
import type { Libc } from "../kernel/libc.ts";
import { LibbpfError } from "./errors.ts";
import type { BpfMap } from "./map.ts";

/** What programs and this process both see at once, until it is disposed; then it is empty. */
export interface MappedMap extends Disposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

/** Maps it; throws a LibbpfError. */
export function mapInMemory(libc: Libc, map: BpfMap): MappedMap {
  const size = BigInt(map.valueSize);
  const access = PROT_READ | PROT_WRITE;
  const pointer = libc.symbols.mmap(null, size, access, MAP_SHARED, map.fd, 0n);
  if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) {
    throw new LibbpfError(`map the BPF map "${map.name}"`, { code: libc.errno(), log: [] });
  }
  // SAFETY: the buffer lies within the mapping, and is detached before that is undone.
  const buffer = new Deno.UnsafePointerView(pointer).getArrayBuffer(map.valueSize);
  return {
    bytes: new Uint8Array(buffer),
    [Symbol.dispose]: () => {
      buffer.transfer(0);
      libc.symbols.munmap(pointer, size);
    },
  };
}

/** What mmap(2) returns where it failed: -1 as an address. */
const MAP_FAILED = 2n ** 64n - 1n;
