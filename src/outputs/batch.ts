/** Lines that go to the operating system together, and which of them it took. @module */

/** A line is not expected to be shorter; where lines are, a batch is full before its bytes are. */
const SHORTEST_LINE = 40;

/** Told of each line that a batch settles, by the kind of its event. */
export type Settle = (kind: number) => void;

/** A buffer of lines. They are settled in order: written wholly, or given up. */
export class Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #kinds: Uint8Array;
  readonly #ends: Uint32Array;
  #lines = 0;
  #settled = 0;
  #end = 0;
  #written = 0;

  constructor(byteSize: number) {
    const lines = Math.ceil(byteSize / SHORTEST_LINE);
    this.bytes = new Uint8Array(byteSize);
    this.#kinds = new Uint8Array(lines);
    this.#ends = new Uint32Array(lines);
  }

  /** The offset behind the last line, where the next is to be written. */
  get end(): number {
    return this.#end;
  }

  /** How many bytes the next line may have. */
  get room(): number {
    return this.#lines === this.#ends.length ? 0 : this.bytes.length - this.#end;
  }

  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  get isWritten(): boolean {
    return this.#written === this.#end;
  }

  /** Whether a line is written in part. */
  get isTorn(): boolean {
    return this.#written > (this.#settled === 0 ? 0 : this.#ends[this.#settled - 1]);
  }

  /** Takes in the line from {@link end} to `end`. */
  add(kind: number, end: number): void {
    this.#kinds[this.#lines] = kind;
    this.#ends[this.#lines] = end;
    this.#lines++;
    this.#end = end;
  }

  /** What is not written yet. */
  unwritten(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(this.#written, this.#end);
  }

  /** Notes that the first `count` unwritten bytes were taken, and settles the lines that end there. */
  advance(count: number, emitted: Settle): void {
    this.#written += count;
    while (this.#settled < this.#lines && this.#ends[this.#settled] <= this.#written) {
      emitted(this.#kinds[this.#settled++]);
    }
  }

  /** Settles what is left, and starts anew. */
  clear(dropped: Settle): void {
    while (this.#settled < this.#lines) dropped(this.#kinds[this.#settled++]);
    this.#lines = 0;
    this.#settled = 0;
    this.#end = 0;
    this.#written = 0;
  }
}
