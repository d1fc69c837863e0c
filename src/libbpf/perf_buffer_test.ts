/** Perf rings as mapped memory, on the real kernel. @module */
import assert from "node:assert/strict";
import { EpollSet } from "../kernel/epoll.ts";
import { pageSize } from "../kernel/libc.ts";
import { OnlineCpus } from "../kernel/online_cpus.ts";
import { openLibbpf } from "./library.ts";
import {
  METADATA,
  openPerfBuffer,
  type PerfBuffer,
  type PerfBufferOptions,
  perfEventAttributes,
  type RingMemory,
} from "./perf_buffer.ts";
import type { BpfMap } from "./map.ts";
import { offsetsInC, perfMappings, runC } from "./testing.ts";
import { loadTestObject } from "./testing_object.ts";

/** Of the object's records: header, size and three words are 24 bytes. */
const RECORD_SIZE = 24;
const PERF_RECORD_SAMPLE = 9;
const ENOSPC = 28;

Deno.test("METADATA agrees with linux/perf_event.h", async () => {
  assert.deepEqual(
    Object.values(METADATA),
    await offsetsInC("linux/perf_event.h", "struct perf_event_mmap_page", [
      "data_head",
      "data_tail",
    ]),
  );
});

Deno.test("perfEventAttributes() are what C makes of them", async () => {
  const cases = [
    [{ pages: 1, wakeupEvents: 3 }, ".wakeup_events = 3"],
    [{ pages: 1, wakeupWatermark: 4096 }, ".watermark = 1, .wakeup_watermark = 4096"],
  ] as const;
  for (const [options, wakeup] of cases) {
    const c = await runC(
      ["linux/perf_event.h"],
      `struct perf_event_attr attr = {
        .type = PERF_TYPE_SOFTWARE, .size = PERF_ATTR_SIZE_VER0,
        .config = PERF_COUNT_SW_BPF_OUTPUT, .sample_type = PERF_SAMPLE_RAW, .sample_period = 1,
        ${wakeup}
      };
      fwrite(&attr, PERF_ATTR_SIZE_VER0, 1, stdout);`,
    );
    assert.deepEqual(perfEventAttributes(options), new Uint8Array(c));
  }
});

Deno.test("a ring is the kernel's whole mapping", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const page = pageSize(libbpf.libc);
  assert.deepEqual(await perfMappings(), []);
  {
    using buffer = openPerfBuffer(libbpf.libc, object.map("events"), 0, {
      pages: 4,
      wakeupEvents: 1,
    });
    assert.deepEqual(await perfMappings(), [5 * page]);
    const { metadata, data } = buffer.memory;
    assert.deepEqual([metadata.byteLength, data.byteLength], [page, 4 * page]);
  }
  assert.deepEqual(await perfMappings(), []);
});

Deno.test("rings hold what the program sent", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "send");
  using buffers = openOnAllCpus(object.map("events"), { pages: 1, wakeupEvents: 1 });
  assert.equal(object.program("send").testRun(words(7n, 8n)), 0);
  const written = buffers.memories.filter((ring) => head(ring) > 0);
  assert.deepEqual(written.map(head), [RECORD_SIZE]);
  const record = new DataView(written[0]?.data ?? new ArrayBuffer(0), 0, RECORD_SIZE);
  const header = [record.getUint32(0, true), record.getUint16(6, true), record.getUint32(8, true)];
  assert.deepEqual(header, [PERF_RECORD_SAMPLE, RECORD_SIZE, RECORD_SIZE - 12]);
  const payload = [12, 16, 20].map((at) => record.getUint32(at, true));
  assert.deepEqual(payload, [0xfeed, 7, 8]);
});

Deno.test("rings take more once the tail says that there is room", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "send");
  using buffers = openOnAllCpus(object.map("events"), { pages: 1, wakeupEvents: 1 });
  const send = object.program("send");
  const capacity = buffers.memories.reduce((bytes, { data }) => bytes + data.byteLength, 0);
  const sendAll = () => {
    const results = new Set<number>();
    for (let sent = 0; sent <= capacity / RECORD_SIZE; sent++) {
      results.add(send.testRun(words(0n, 0n)));
    }
    return results;
  };
  while (sendAll().has(0));
  for (const ring of buffers.memories) {
    new BigUint64Array(ring.metadata)[METADATA.dataTail / 8] = BigInt(head(ring));
  }
  assert.deepEqual(sendAll(), new Set([0, -ENOSPC]));
});

Deno.test("its descriptor becomes readable by records or by bytes, as asked", async () => {
  const cases = [
    [{ pages: 1, wakeupEvents: 1 }, true],
    [{ pages: 1, wakeupWatermark: 2000 }, false],
  ] as const;
  for (const [options, readable] of cases) {
    using libbpf = openLibbpf();
    using object = await loadTestObject(libbpf, "send");
    using buffers = openOnAllCpus(object.map("events"), options);
    using set = new EpollSet(libbpf.libc);
    for (const descriptor of buffers.descriptors) set.add(descriptor);
    assert.equal(set.sleep(50), false);
    object.program("send").testRun(words(0n, 0n));
    assert.equal(set.sleep(50), readable);
    const more = 2 * buffers.descriptors.length * Math.ceil(2000 / RECORD_SIZE);
    for (let sent = 0; sent < more; sent++) object.program("send").testRun(words(0n, 0n));
    assert.equal(set.sleep(50), true);
  }
});

Deno.test("openPerfBuffer() takes another one's place, which can still be read", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "send");
  const options = { pages: 1, wakeupEvents: 1 };
  using former = openOnAllCpus(object.map("events"), options);
  assert.equal(object.program("send").testRun(words(1n, 0n)), 0);
  {
    using buffers = openOnAllCpus(object.map("events"), options);
    assert.equal(object.program("send").testRun(words(2n, 0n)), 0);
    const sums = [former, buffers].map(({ memories }) => memories.map(head).toSorted().at(-1));
    assert.deepEqual(sums, [RECORD_SIZE, RECORD_SIZE]);
  }
  assert.equal(object.program("send").testRun(words(3n, 0n)), -ENOSPC);
});

Deno.test("PerfBuffer takes the memory away when it is disposed", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const options = { pages: 1, wakeupEvents: 1 };
  const buffer = openPerfBuffer(libbpf.libc, object.map("events"), 0, options);
  const { metadata, data } = buffer.memory;
  const view = new Uint32Array(metadata);
  buffer[Symbol.dispose]();
  buffer[Symbol.dispose]();
  assert.deepEqual([metadata.byteLength, data.byteLength], [0, 0]);
  assert.throws(() => Atomics.load(view, METADATA.dataHead / 4));
});

Deno.test("openPerfBuffer() says what the kernel refused", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const { libc } = libbpf;
  const cases = [
    [0, 3, "map a perf buffer of 3 pages on CPU 0: EINVAL"],
    [libbpf.possibleCpus, 1, `open a perf buffer on CPU ${libbpf.possibleCpus}: E`],
  ] as const;
  for (const [cpu, pages, refused] of cases) {
    assert.throws(
      () => openPerfBuffer(libc, object.map("events"), cpu, { pages, wakeupEvents: 1 }),
      (error) => error instanceof Error && error.message.startsWith(`Cannot ${refused}`),
    );
  }
  assert.deepEqual(await perfMappings(), []);
});

/** Which CPU's ring a program writes to is the scheduler's choice. */
function openOnAllCpus(map: BpfMap, options: PerfBufferOptions): Disposable & {
  readonly memories: readonly RingMemory[];
  readonly descriptors: readonly number[];
} {
  const { libc } = map.libbpf;
  const stack = new DisposableStack();
  using online = new OnlineCpus(libc);
  const buffers: readonly PerfBuffer[] = [...online.read()].map((cpu) =>
    stack.use(openPerfBuffer(libc, map, cpu, options))
  );
  return {
    memories: buffers.map(({ memory }) => memory),
    descriptors: buffers.map(({ descriptor }) => descriptor),
    [Symbol.dispose]: () => stack.dispose(),
  };
}

/** Bytes ever written to a ring; these tests write less than 2^32. */
function head({ metadata }: RingMemory): number {
  return Atomics.load(new Uint32Array(metadata), METADATA.dataHead / 4);
}

function words(...values: readonly bigint[]): Uint8Array {
  return new Uint8Array(new BigInt64Array(values).buffer);
}
