/** Reading and writing maps, on the real kernel. @module */
import assert from "node:assert/strict";
import { openLibbpf } from "./library.ts";
import { PerCpuArray, sumOverCpus } from "./map.ts";
import { loadTestObject } from "./testing_object.ts";

const MISSING = new Uint32Array([999]);

Deno.test("BpfMap knows its sizes, a per-CPU element that of all possible CPUs", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const sizes = ["table", "counts", "triples"].map((name) => {
    const { keySize, valueSize, elementSize, maxEntries } = object.map(name);
    return [keySize, valueSize, elementSize, maxEntries];
  });
  const cpus = libbpf.possibleCpus;
  assert.deepEqual(sizes, [[8, 12, 12, 4], [4, 16, 16 * cpus, 2], [4, 12, 16 * cpus, 4]]);
});

Deno.test("lookup(), update() and delete() agree on what the map has", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const table = object.map("table");
  const key = new BigUint64Array([7n]);
  const into = new Uint32Array(3);
  assert.equal(table.lookup(key, into), false);
  assert.equal(table.delete(key), false);
  table.update(key, new Uint32Array([1, 2, 3]));
  assert.equal(table.lookup(key, into), true);
  assert.deepEqual(into, new Uint32Array([1, 2, 3]));
  assert.equal(table.delete(key), true);
  assert.equal(table.lookup(key, into), false);
});

Deno.test("keys() are all that the map has", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const table = object.map("table");
  assert.deepEqual(table.keys(), []);
  for (const key of [7n, 2n ** 63n, 0n]) {
    table.update(new BigUint64Array([key]), new Uint32Array(3));
  }
  const keys = table.keys().map((key) => new BigUint64Array(key.buffer)[0]);
  assert.deepEqual(keys.toSorted(), [0n, 7n, 2n ** 63n]);
  assert.equal(object.map("counts").keys().length, 2);
});

Deno.test("update() says which map is full", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const table = object.map("table");
  assert.throws(() => {
    for (let key = 0n; key < 100n; key++) {
      table.update(new BigUint64Array([key]), new Uint32Array(3));
    }
  }, /^LibbpfError: Cannot write to the BPF map "table": E2BIG$/);
});

Deno.test("lookup() gives each CPU's value, padded to 8 bytes", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const triples = object.map("triples");
  const written = new Uint32Array(4 * libbpf.possibleCpus);
  for (let cpu = 0; cpu < libbpf.possibleCpus; cpu++) written.set([cpu, 20, 30], 4 * cpu);
  const read = new Uint32Array(written.length);
  triples.update(new Uint32Array([5]), written);
  assert.equal(triples.lookup(new Uint32Array([5]), read), true);
  assert.deepEqual(read, written);
});

Deno.test("BpfMap refuses memory of another size than the kernel will use", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const table = object.map("table");
  const key = new BigUint64Array(1);
  const value = new Uint32Array(3);
  assert.throws(() => table.lookup(key, new Uint32Array(2)), /has 12 bytes, not 8/);
  assert.throws(() => table.lookup(new Uint32Array(1), value), /has 8 bytes, not 4/);
  assert.throws(() => table.update(key, new Uint8Array(11)), RangeError);
  assert.throws(() => table.delete(new Uint8Array(0)), RangeError);
  const one = new BigUint64Array(2);
  if (libbpf.possibleCpus > 1) {
    assert.throws(() => object.map("counts").lookup(new Uint32Array(1), one), RangeError);
  }
});

Deno.test("readPerCpu() reads each key into the same memory", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const map = object.map("counts");
  const counts = new PerCpuArray(map);
  assert.equal(counts.wordsPerCpu, 2);
  const values = counts.buffer();
  const written = values.map((_, at) => BigInt(at) + 2n ** 60n);
  map.update(new Uint32Array([1]), written);
  counts.readPerCpu(1, values);
  assert.deepEqual(values, written);
  counts.readPerCpu(0, values);
  assert.deepEqual(values, counts.buffer());
  assert.throws(() => counts.readPerCpu(2, values), /"counts": it has no key 2/);
});

Deno.test("PerCpuArray refuses a map whose keys are not numbers of 32 bits", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  assert.throws(() => new PerCpuArray(object.map("table")), TypeError);
});

Deno.test("BpfMap is an error instead of a crash once its object is closed", async () => {
  using libbpf = openLibbpf();
  const object = await loadTestObject(libbpf);
  const triples = object.map("triples");
  object[Symbol.dispose]();
  assert.throws(() => triples.delete(MISSING), /Cannot use the BPF object "test": it is closed/);
});

Deno.test("sumOverCpus() takes of each CPU the one word", () => {
  const values = BigUint64Array.of(1n, 20n, 0n, 300n, 4_000n, 0n, 50_000n, 600_000n, 0n);
  assert.deepEqual([0, 8, 16].map((offset) => sumOverCpus(values, offset, 3)), [
    50_301,
    604_020,
    0,
  ]);
});
