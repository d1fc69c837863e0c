/** Perf rings as mapped memory, on the real kernel. @module */
import assert from "node:assert/strict";
import { openLibbpf } from "./library.ts";
import { METADATA, openPerfBuffer, perfEventAttributes, type RingMemory } from "./perf_buffer.ts";
import { offsetsInC, runC } from "./testing.ts";
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
      "data_offset",
      "data_size",
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

Deno.test("rings are the kernel's whole mappings, one for each online CPU", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const page = await getconf("PAGESIZE");
  const cpus = await getconf("_NPROCESSORS_ONLN");
  assert.deepEqual(await perfMappings(), []);
  {
    using buffer = openPerfBuffer(libbpf, object.map("events"), { pages: 4, wakeupEvents: 1 });
    assert.deepEqual(await perfMappings(), Array(cpus).fill(5 * page));
    const sizes = buffer.rings.map(({ metadata, data }) => [metadata.byteLength, data.byteLength]);
    assert.deepEqual(sizes, Array(cpus).fill([page, 4 * page]));
  }
  assert.deepEqual(await perfMappings(), []);
});

Deno.test("rings hold what the program sent", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "send");
  using buffer = openPerfBuffer(libbpf, object.map("events"), { pages: 1, wakeupEvents: 1 });
  assert.equal(object.program("send").testRun(words(7n, 8n)), 0);
  const written = buffer.rings.filter((ring) => head(ring) > 0);
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
  using buffer = openPerfBuffer(libbpf, object.map("events"), { pages: 1, wakeupEvents: 1 });
  const send = object.program("send");
  const capacity = buffer.rings.reduce((bytes, { data }) => bytes + data.byteLength, 0);
  const sendAll = () => {
    const results = new Set<number>();
    for (let sent = 0; sent <= capacity / RECORD_SIZE; sent++) {
      results.add(send.testRun(words(0n, 0n)));
    }
    return results;
  };
  // Which CPU's ring is written to is the scheduler's choice.
  while (sendAll().has(0));
  for (const ring of buffer.rings) {
    new BigUint64Array(ring.metadata)[METADATA.dataTail / 8] = BigInt(head(ring));
  }
  assert.deepEqual(sendAll(), new Set([0, -ENOSPC]));
});

Deno.test("epollFd becomes readable by records or by bytes, as asked", async () => {
  const cases = [
    [{ pages: 1, wakeupEvents: 1 }, 1],
    [{ pages: 1, wakeupWatermark: 2000 }, 0],
  ] as const;
  for (const [options, readable] of cases) {
    using libbpf = openLibbpf();
    using object = await loadTestObject(libbpf, "send");
    using buffer = openPerfBuffer(libbpf, object.map("events"), options);
    const poll = () => libbpf.libc.symbols.poll(pollIn(buffer.epollFd), 1n, 50);
    assert.equal(await poll(), 0);
    object.program("send").testRun(words(0n, 0n));
    assert.equal(await poll(), readable);
    const more = 2 * buffer.rings.length * Math.ceil(2000 / RECORD_SIZE);
    for (let sent = 0; sent < more; sent++) object.program("send").testRun(words(0n, 0n));
    assert.equal(await poll(), 1);
  }
});

Deno.test("PerfBuffer takes the memory away when it is disposed", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const buffer = openPerfBuffer(libbpf, object.map("events"), { pages: 1, wakeupEvents: 1 });
  const views = buffer.rings.map(({ metadata }) => new Uint32Array(metadata));
  buffer[Symbol.dispose]();
  buffer[Symbol.dispose]();
  for (const { metadata, data } of buffer.rings) {
    assert.deepEqual([metadata.byteLength, data.byteLength], [0, 0]);
  }
  for (const view of views) assert.throws(() => Atomics.load(view, METADATA.dataHead / 4));
});

Deno.test("openPerfBuffer() says which size the kernel refused", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  assert.throws(
    () => openPerfBuffer(libbpf, object.map("events"), { pages: 3, wakeupEvents: 1 }),
    /^LibbpfError: Cannot open a perf buffer of 3 pages for each CPU: EINVAL \(.*power of two/,
  );
  assert.throws(
    () => openPerfBuffer(libbpf, object.map("table"), { pages: 1, wakeupEvents: 1 }),
    /EINVAL \(map 'table' should be BPF_MAP_TYPE_PERF_EVENT_ARRAY\)$/,
  );
});

/** Bytes ever written to a ring; these tests write less than 2^32. */
function head({ metadata }: RingMemory): number {
  return Atomics.load(new Uint32Array(metadata), METADATA.dataHead / 4);
}

/** Sizes of the perf rings that this process maps. */
async function perfMappings(): Promise<readonly number[]> {
  const maps = await Deno.readTextFile("/proc/self/maps");
  return Array.from(
    maps.matchAll(/^(\w+)-(\w+) .*anon_inode:\[perf_event\]$/gm),
    ([, from, to]) => Number(`0x${to}`) - Number(`0x${from}`),
  );
}

/** A `struct pollfd` that asks for POLLIN. */
function pollIn(fd: number): Uint8Array {
  return new Uint8Array(new Int32Array([fd, 1]).buffer);
}

async function getconf(name: string): Promise<number> {
  const { stdout } = await new Deno.Command("getconf", { args: [name] }).output();
  return Number(new TextDecoder().decode(stdout));
}

function words(...values: readonly bigint[]): Uint8Array {
  return new Uint8Array(new BigInt64Array(values).buffer);
}
