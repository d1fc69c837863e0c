/** A block of records that is being filled, then written. @module */
import { EVENT_KINDS } from "../events/kinds.ts";
import type { RecordView } from "../outputs/output.ts";
import { BLOCK_HEADER_SIZE, blockHeader, BlockKind, type RuleSetNames } from "./format.ts";

/** Room in the block for one record: its size as a word, its bytes, and zeros up to a multiple of 4. */
export function roomFor(size: number): number {
  return 4 + ((size + 3) & ~3);
}

export class Block {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array;
  readonly #counts = new Float64Array(EVENT_KINDS.length);
  #end = BLOCK_HEADER_SIZE;
  #records = 0;
  #rules: readonly RuleSetNames[] = [];

  constructor(byteSize: number) {
    const buffer = new ArrayBuffer(byteSize);
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
  }

  get isEmpty(): boolean {
    return this.#records === 0;
  }

  get room(): number {
    return this.#bytes.length - this.#end;
  }

  /** Its size in the file, in bytes. */
  get size(): number {
    return this.#end;
  }

  /** How full it is, from 0 to 1. */
  get fill(): number {
    return this.#end / this.#bytes.length;
  }

  /** The sets of rules that its records are the first to tell of. */
  get rules(): readonly RuleSetNames[] {
    return this.#rules;
  }

  get records(): number {
    return this.#records;
  }

  /** Records by the number of their kind. */
  get counts(): Readonly<Float64Array> {
    return this.#counts;
  }

  /** Takes a copy of a record, for which there has to be room. */
  add(kind: number, view: RecordView, at: number, size: number): void {
    const from = view.words;
    const to = this.#words;
    const first = at >> 2;
    let word = this.#end >> 2;
    to[word++] = size;
    const whole = size >> 2;
    for (let index = 0; index < whole; index++) to[word++] = from[first + index];
    const rest = size & 3;
    if (rest > 0) to[word] = from[first + whole] & ((1 << rest * 8) - 1);
    this.#end += roomFor(size);
    this.#counts[kind]++;
    this.#records++;
  }

  noteRules(rules: RuleSetNames): void {
    this.#rules = [...this.#rules, rules];
  }

  /** Its bytes as they go to the file, as the block of this number. */
  seal(number: number): Uint8Array<ArrayBuffer> {
    const content = this.#bytes.subarray(BLOCK_HEADER_SIZE, this.#end);
    this.#bytes.set(blockHeader(BlockKind.data, number, content));
    return this.#bytes.subarray(0, this.#end);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#end = BLOCK_HEADER_SIZE;
    this.#records = 0;
    this.#rules = [];
  }
}
