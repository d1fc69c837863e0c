/** Structs of the kernel's side, filled field by field. @module */
import { RuleBits } from "../events/layout.gen.ts";
import type { Bits } from "./compile.ts";

/** A struct that is being filled; the rest of it is zero. */
export class Struct {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  word(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  long(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true);
  }

  bits(at: number, { any, none }: Bits): void {
    this.long(at + RuleBits.any, any);
    this.long(at + RuleBits.none, none);
  }

  /** Sets one bit of an array of words. */
  bit(at: number, bit: number): void {
    this.bytes[at + (bit >> 3)] |= 1 << (bit & 7);
  }
}

/** What the kernel has of a text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
