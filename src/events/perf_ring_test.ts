/** Rings in memory of our own, written as the kernel writes them: wrapping, lost records, order. @module */
import assert from "node:assert/strict";
import type { Output, RecordView } from "../outputs/output.ts";
import { Drain } from "./drain.ts";
import { perKind } from "./kinds.ts";
import { EventHeader, EventKindNumber, Origin } from "./layout.gen.ts";
import { PerfRing } from "./perf_ring.ts";

const DATA_SIZE = 4096;
const SAMPLE = 9;
const LOST = 2;

/** The kernel's half of a ring. */
class Writer {
  readonly metadata = new ArrayBuffer(4096);
  readonly data = new ArrayBuffer(DATA_SIZE);
  readonly #positions = new BigUint64Array(this.metadata);
  readonly #bytes = new Uint8Array(this.data);
  #head = 0;

  /** Starts as if so many bytes had gone through already. */
  constructor(start = 0) {
    this.#head = start;
    this.#positions[1024 / 8] = BigInt(start);
    this.#positions[1032 / 8] = BigInt(start);
  }

  get tail(): number {
    return Number(this.#positions[1032 / 8]);
  }

  get head(): number {
    return this.#head;
  }

  /** Writes an open event of `size` bytes at a time, its process id telling it apart. */
  event(pid: number, time: number, size = 64, kind = 2): void {
    const payload = new Uint32Array(Math.ceil(size / 4));
    payload[EventHeader.kind / 4] = kind;
    payload[EventHeader.size / 4] = size;
    payload[EventHeader.timeLow / 4] = time;
    payload[EventHeader.pid / 4] = pid;
    // The kernel pads so that the next record starts at a multiple of 8.
    const raw = Math.ceil((size + 4) / 8) * 8 - 4;
    const record = new Uint32Array((12 + raw) / 4);
    record[0] = SAMPLE;
    record[1] = (12 + raw) << 16;
    record[2] = raw;
    record.set(payload, 3);
    this.#append(new Uint8Array(record.buffer));
  }

  lost(): void {
    this.#append(new Uint8Array(Uint32Array.of(LOST, 24 << 16, 0, 0, 7, 0).buffer));
  }

  #append(bytes: Uint8Array): void {
    bytes.forEach((byte, i) => this.#bytes[(this.#head + i) % DATA_SIZE] = byte);
    this.#head += bytes.length;
    this.#positions[1024 / 8] = BigInt(this.#head);
  }
}

/** Remembers the process ids it was given. */
class Collector implements Output {
  readonly name = "collector";
  readonly pids: number[] = [];
  readonly closed = false;
  readonly writing = false;
  readonly busy = false;

  accept({ words }: RecordView, at: number, size: number): void {
    assert.equal(words[(at + EventHeader.size) >> 2], size);
    this.pids.push(words[(at + EventHeader.pid) >> 2]);
  }
  flush(): void {}
  idle = () => Promise.resolve();
  close = () => Promise.resolve();
  counters() {
    const none = perKind(() => 0);
    return { name: this.name, emitted: none, dropped: none, queued: none };
  }
}

function drainOf(writers: readonly Writer[]) {
  const output = new Collector();
  const rings = writers.map((writer) => new PerfRing(writer));
  return { output, drain: new Drain(rings, [output]) };
}

Deno.test("Drain.run() takes out all records in order, gives their memory back, and counts them", () => {
  const writer = new Writer();
  for (let pid = 1; pid <= 5; pid++) writer.event(pid, pid);
  const { drain, output } = drainOf([writer]);
  assert.equal(drain.run(100), 5);
  assert.deepEqual(output.pids, [1, 2, 3, 4, 5]);
  assert.equal(writer.tail, writer.head);
  assert.deepEqual(drain.received, { ...perKind(() => 0), open: 5 });
  assert.equal(drain.run(100), 0);
});

Deno.test("Drain.run() stops at its limit and goes on there", () => {
  const writer = new Writer();
  for (let pid = 1; pid <= 5; pid++) writer.event(pid, pid);
  const { drain, output } = drainOf([writer]);
  assert.equal(drain.run(3), 3);
  assert.deepEqual(drain.countInRings(drain.heads()), { ...perKind(() => 0), open: 2 });
  assert.equal(drain.run(3), 2);
  assert.deepEqual(output.pids, [1, 2, 3, 4, 5]);
});

Deno.test("Drain.run() merges the rings of several CPUs by time", () => {
  const writers = [new Writer(), new Writer(), new Writer()];
  for (const time of [1, 4, 5, 9]) writers[0].event(time, time);
  for (const time of [2, 3, 8]) writers[1].event(time, time);
  for (const time of [6, 7]) writers[2].event(time, time);
  const { drain, output } = drainOf(writers);
  assert.equal(drain.run(100), 9);
  assert.deepEqual(output.pids, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("Drain.run() passes over the kernel's own records of losses", () => {
  const writer = new Writer();
  writer.lost();
  writer.event(1, 1);
  writer.lost();
  const { drain, output } = drainOf([writer]);
  assert.equal(drain.run(100), 1);
  assert.deepEqual(output.pids, [1]);
  assert.equal(writer.tail, writer.head);
});

Deno.test("Drain.run() counts a record that tells its origin by the kind of its event", () => {
  const writer = new Writer();
  writer.event(1, 1, Origin.byteSize + 48, EventKindNumber.origin | EventKindNumber.exec);
  writer.event(2, 2);
  writer.event(3, 3, Origin.byteSize + 48, EventKindNumber.origin | EventKindNumber.privilege);
  const { drain } = drainOf([writer]);
  const expected = { ...perKind(() => 0), exec: 1, open: 1, privilege: 1 };
  assert.deepEqual(drain.countInRings(drain.heads()), expected);
  drain.run(100);
  assert.deepEqual(drain.received, expected);
});

Deno.test("Drain.markDrained() changes once the rings have been emptied", () => {
  const writer = new Writer();
  const { drain } = drainOf([writer]);
  const quiet = drain.markDrained();
  assert.notEqual(drain.markDrained(), quiet);
  writer.event(1, 1);
  writer.event(2, 2);
  const before = drain.markDrained();
  drain.run(1);
  assert.equal(drain.markDrained(), before);
  drain.run(10);
  assert.notEqual(drain.markDrained(), before);
});

Deno.test("Drain.setRings() goes on with rings that came, beside those that are kept", () => {
  const [gone, kept, come] = [new Writer(), new Writer(), new Writer()];
  gone.event(1, 1);
  kept.event(2, 2);
  kept.event(4, 4);
  const rings = [gone, kept, come].map((writer) => new PerfRing(writer));
  const output = new Collector();
  const drain = new Drain(rings.slice(0, 2), [output]);
  drain.run(2);
  drain.setRings(rings.slice(1));
  come.event(3, 3);
  assert.deepEqual(drain.countInRings(drain.heads()), { ...perKind(() => 0), open: 2 });
  drain.run(100);
  assert.deepEqual(output.pids, [1, 2, 3, 4]);
  assert.deepEqual(drain.received, { ...perKind(() => 0), open: 4 });
});

Deno.test("Drain has nothing to do without rings", () => {
  const { drain } = drainOf([]);
  const before = drain.markDrained();
  assert.deepEqual([drain.fill(), drain.run(1)], [0, 0]);
  assert.notEqual(drain.markDrained(), before);
});

Deno.test("Drain.run() reads records that wrap around, at every place and beyond 4 GiB", () => {
  for (const start of [0, 2 ** 32 - 4096 + 8, 2 ** 40 + 16]) {
    const writer = new Writer(start);
    const { drain, output } = drainOf([writer]);
    const expected: number[] = [];
    for (let pid = 1; pid <= 300; pid++) {
      writer.event(pid, pid, 48 + (pid * 12) % 500);
      expected.push(pid);
      if (pid % 3 === 0) {
        assert.deepEqual(drain.countInRings(drain.heads()).open, 3, `from ${start}`);
        drain.run(100);
      }
    }
    assert.deepEqual(output.pids, expected, `from ${start}`);
  }
});
