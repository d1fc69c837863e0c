/** The memory of a BPF map, to be read and written in place. @module */
import type { Libc } from "../kernel/libc.ts";
import type { BpfMap } from "./map.ts";
import { Mapping } from "./mapping.ts";

/** A map of global variables, such as `.bss`: what programs and this process both see at once. */
export interface MappedMap extends Disposable {
  /** Empty once it is disposed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Maps it; throws a LibbpfError. */
export function mapInMemory(libc: Libc, map: BpfMap): MappedMap {
  const what = `the BPF map "${map.name}"`;
  const size = map.valueSize;
  const mapping = new Mapping(libc, map.fd, { what, size, offset: 0, writable: true });
  return {
    bytes: new Uint8Array(mapping.part(0, size)),
    [Symbol.dispose]: () => mapping[Symbol.dispose](),
  };
}
