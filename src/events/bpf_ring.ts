/** Reads the BPF ring buffer, which all CPUs share, where the kernel maps it.
 *
 * Layout: kernel/bpf/ringbuf.c. A record is reserved, then filled, then committed, so one that is
 * still being written can stand before finished ones; reading stops there. The data is mapped twice
 * in a row, so no record wraps around.
 * @module */
import type { RingBufferMemory } from "../libbpf/ring_buffer.ts";
import type { RecordView } from "../outputs/output.ts";
import { KIND_MASK } from "./kinds.ts";
import { EventHeader } from "./layout.gen.ts";
import { Ring, viewOf } from "./ring.ts";

const BUSY = 0x80000000;
const DISCARD = 0x40000000;
const RECORD_HEADER = 8;

export class BpfRing extends Ring {
  readonly #consumed: BigUint64Array;
  readonly #produced: BigUint64Array;
  readonly #data: RecordView;
  readonly #mask: number;
  #head = 0;
  #tail: number;

  constructor({ consumer, producer, data }: RingBufferMemory) {
    const view = viewOf(data);
    super(view, data.byteLength / 2);
    this.#data = view;
    this.#consumed = new BigUint64Array(consumer);
    this.#produced = new BigUint64Array(producer);
    this.#mask = this.capacity - 1;
    this.#tail = Number(Atomics.load(this.#consumed, 0));
  }

  override open(): void {
    this.#head = this.head();
    this.#settle();
  }

  override next(): void {
    this.#tail += spaceOf(this.#header(this.#tail));
    this.#settle();
  }

  override close(): void {
    Atomics.store(this.#consumed, 0, BigInt(this.#tail));
  }

  override head(): number {
    return Number(Atomics.load(this.#produced, 0));
  }

  override fill(): number {
    return (this.head() - this.#tail) / this.capacity;
  }

  override countUpTo(head: number, into: Float64Array): void {
    for (let tail = this.#tail; tail < head;) {
      const header = this.#header(tail);
      // A record that is still being written is not counted as submitted yet either.
      if ((header & (BUSY | DISCARD)) === 0) {
        const kind = ((tail & this.#mask) + RECORD_HEADER + EventHeader.kind) >> 2;
        into[this.#data.words[kind] & KIND_MASK]++;
      }
      tail += spaceOf(header);
    }
  }

  #settle(): void {
    while (this.#tail < this.#head) {
      const header = this.#header(this.#tail);
      if ((header & BUSY) !== 0) break;
      if ((header & DISCARD) === 0) {
        this.pointTo(this.#data, (this.#tail & this.#mask) + RECORD_HEADER);
        return;
      }
      this.#tail += spaceOf(header);
    }
    this.pointToNothing();
  }

  /** The kernel writes it last, when the record is complete. */
  #header(position: number): number {
    return Atomics.load(this.#data.words, (position & this.#mask) >> 2);
  }
}

function spaceOf(header: number): number {
  const length = header & ~(BUSY | DISCARD);
  return (length + RECORD_HEADER + 7) & ~7;
}
