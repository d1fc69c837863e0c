/** Structures in C's layout that point to memory of ours. @module */

/** A structure, all zero, and where the data is that it is to point to. */
export interface Structure {
  readonly bytes: Uint8Array;
  readonly fields: DataView;
  readonly dataAddress: bigint;
}

/**
 * Memory for a structure with a copy of `data` behind it, in one piece: whoever holds the structure
 * holds what it points to, too, and the garbage collector cannot take the one from the other.
 */
export function structureWith(size: number, data: Uint8Array): Structure {
  const bytes = new Uint8Array(size + data.byteLength);
  bytes.set(data, size);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  return {
    bytes,
    fields: new DataView(bytes.buffer),
    dataAddress: address + BigInt(size),
  };
}
