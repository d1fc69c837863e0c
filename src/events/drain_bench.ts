/** What taking records out of rings costs, without making anything of them. The aim: 40 ns a record. @module */
import { frame, RingWriter } from "../../bench/replay/ring_writer.ts";
import type { Output } from "../outputs/output.ts";
import { openRecord } from "../outputs/record_fixture.ts";
import { BpfRing } from "./bpf_ring.ts";
import { Drain } from "./drain.ts";
import { perKind } from "./kinds.ts";
import { PerfRing } from "./perf_ring.ts";

const EVENTS = 1000;
const RING_SIZE = 2 ** 20;
const RING_HEADER = 8;

/** Opens at these times, in nanoseconds. */
function opensAt(times: readonly number[]) {
  return times.map((time) =>
    openRecord({ time: BigInt(time) }, { path: "/usr/lib/x86_64-linux-gnu/libc.so.6" })
  );
}

const NOWHERE: Output = {
  name: "nowhere",
  closed: false,
  writing: false,
  busy: false,
  accept: () => {},
  flush: () => {},
  idle: () => Promise.resolve(),
  close: () => Promise.resolve(),
  counters: () => {
    const none = perKind(() => 0);
    return { name: "nowhere", emitted: none, dropped: none, queued: none };
  },
};

/** What each of some CPUs wrote, every CPU in turn. */
function perfBench(name: string, cpus: number): void {
  const writers = Array.from({ length: cpus }, () => new RingWriter(RING_SIZE));
  const batches = writers.map((_, cpu) =>
    frame(opensAt(Array.from({ length: EVENTS / cpus }, (_, index) => index * cpus + cpu)))
  );
  const drain = new Drain(writers.map((writer) => new PerfRing(writer)), [NOWHERE]);
  Deno.bench(`${name}: ${EVENTS} records`, () => {
    writers.forEach((writer, cpu) => writer.write(batches[cpu]));
    drain.run(EVENTS);
  });
}

perfBench("one perf ring", 1);
perfBench("two perf rings, in turn", 2);
perfBench("eight perf rings, in turn", 8);

/** The BPF ring buffer's data stands in memory twice; here it is never read beyond its first half. */
function bpfBench(): void {
  const records = opensAt(Array.from({ length: EVENTS }, (_, index) => index));
  const data = new ArrayBuffer(2 * RING_SIZE);
  let end = 0;
  for (const { view, at, size } of records) {
    new Uint32Array(data, end, 1)[0] = size;
    new Uint8Array(data).set(view.bytes.subarray(at, at + size), end + RING_HEADER);
    end += Math.ceil((size + RING_HEADER) / 8) * 8;
  }
  const consumer = new ArrayBuffer(4096);
  const producer = new ArrayBuffer(4096);
  new BigUint64Array(producer)[0] = BigInt(end);
  Deno.bench(`the BPF ring buffer: ${EVENTS} records`, () => {
    new BigUint64Array(consumer)[0] = 0n;
    new Drain([new BpfRing({ consumer, producer, data })], [NOWHERE]).run(EVENTS);
  });
}

bpfBench();
