/** The kernel's half of a perf ring, in memory of our own. @module */
import { METADATA, type RingMemory } from "../../src/libbpf/perf_buffer.ts";
import type { FixtureRecord } from "../../src/outputs/record_fixture.ts";

const PERF_RECORD_SAMPLE = 9;
const HEADER_SIZE = 12;

/** Writes batches of records as the kernel does: framed, padded, wrapping around at the end. */
export class RingWriter implements RingMemory {
  readonly metadata = new ArrayBuffer(4096);
  readonly data: ArrayBuffer;
  readonly #positions = new BigUint64Array(this.metadata);
  readonly #bytes: Uint8Array;
  #head = 0;

  /** `size` bytes, a power of two. */
  constructor(size: number) {
    this.data = new ArrayBuffer(size);
    this.#bytes = new Uint8Array(this.data);
  }

  /** Writes what {@link frame} made. */
  write(batch: Uint8Array): void {
    const at = this.#head % this.#bytes.length;
    const untilEnd = Math.min(batch.length, this.#bytes.length - at);
    this.#bytes.set(batch.subarray(0, untilEnd), at);
    this.#bytes.set(batch.subarray(untilEnd), 0);
    this.#head += batch.length;
    Atomics.store(this.#positions, METADATA.dataHead / 8, BigInt(this.#head));
  }
}

/** Records as they stand in a ring, one behind the other. */
export function frame(records: readonly FixtureRecord[]): Uint8Array {
  const framed = records.map(({ view, at, size }) => {
    // With its size in front, the payload ends where the next record may start: at a multiple of 8.
    const raw = Math.ceil((size + 4) / 8) * 8 - 4;
    const bytes = new Uint8Array(HEADER_SIZE + raw);
    new Uint32Array(bytes.buffer).set([PERF_RECORD_SAMPLE, bytes.length << 16, raw]);
    bytes.set(view.bytes.subarray(at, at + size), HEADER_SIZE);
    return bytes;
  });
  const whole = new Uint8Array(framed.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bytes of framed) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}
