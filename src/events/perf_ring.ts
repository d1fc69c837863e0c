/** Reads one CPU's perf ring where the kernel maps it: no copy, no call per record.
 *
 * Layout: `struct perf_event_mmap_page` and `struct perf_event_header` in the kernel's
 * include/uapi/linux/perf_event.h. A ring's head and tail only grow; a record's header never wraps
 * around, because sizes are multiples of 8.
 * @module */
import { METADATA, type RingMemory } from "../libbpf/perf_buffer.ts";
import type { RecordView } from "../outputs/output.ts";
import { KIND_MASK } from "./kinds.ts";
import { EventHeader } from "./layout.gen.ts";
import { Ring, viewOf } from "./ring.ts";

const PERF_RECORD_SAMPLE = 9;
/** Bytes before a sample's payload: the record's header, and the payload's size. */
const SAMPLE_HEADER = 12;
const LARGEST_RECORD = 1 << 16;

export class PerfRing extends Ring {
  readonly #positions: BigUint64Array;
  readonly #ring: RecordView;
  readonly #scratch = viewOf(new ArrayBuffer(LARGEST_RECORD));
  readonly #mask: number;
  #head = 0;
  #tail: number;
  #recordSize = 0;

  constructor({ metadata, data }: RingMemory) {
    const ring = viewOf(data);
    super(ring, data.byteLength);
    this.#ring = ring;
    this.#positions = new BigUint64Array(metadata);
    this.#mask = this.capacity - 1;
    this.#tail = Number(Atomics.load(this.#positions, METADATA.dataTail / 8));
  }

  override open(): void {
    this.#head = this.head();
    this.#settle();
  }

  override next(): void {
    this.#tail += this.#recordSize;
    this.#settle();
  }

  override close(): void {
    Atomics.store(this.#positions, METADATA.dataTail / 8, BigInt(this.#tail));
  }

  /** Takes out everything unread, as the doorbell's ring needs. */
  clear(): void {
    this.#tail = this.head();
    this.close();
  }

  override head(): number {
    return Number(Atomics.load(this.#positions, METADATA.dataHead / 8));
  }

  override fill(): number {
    return (this.head() - this.#tail) / this.capacity;
  }

  /** Whether a record of any size finds room. */
  hasRoom(): boolean {
    return (1 - this.fill()) * this.capacity >= LARGEST_RECORD;
  }

  override countUpTo(head: number, into: Float64Array): void {
    const { words } = this.#ring;
    for (let tail = this.#tail; tail < head;) {
      const position = tail & this.#mask;
      if (words[position >> 2] === PERF_RECORD_SAMPLE) {
        const kind = ((position + SAMPLE_HEADER + EventHeader.kind) & this.#mask) >> 2;
        into[words[kind] & KIND_MASK]++;
      }
      tail += words[(position >> 2) + 1] >>> 16;
    }
  }

  #settle(): void {
    const { words } = this.#ring;
    while (this.#tail < this.#head) {
      const position = this.#tail & this.#mask;
      this.#recordSize = words[(position >> 2) + 1] >>> 16;
      if (words[position >> 2] === PERF_RECORD_SAMPLE) {
        this.#point(position);
        return;
      }
      this.#tail += this.#recordSize; // PERF_RECORD_LOST: BPF has counted those already
    }
    this.pointToNothing();
  }

  #point(position: number): void {
    const untilEnd = this.capacity - position;
    if (this.#recordSize <= untilEnd) {
      this.pointTo(this.#ring, position + SAMPLE_HEADER);
      return;
    }
    const { bytes } = this.#ring;
    this.#scratch.bytes.set(bytes.subarray(position));
    this.#scratch.bytes.set(bytes.subarray(0, this.#recordSize - untilEnd), untilEnd);
    this.pointTo(this.#scratch, SAMPLE_HEADER);
  }
}
