/** Global variables of a program, seen by it and by this process at once. @module */
import assert from "node:assert/strict";
import { openLibbpf } from "./library.ts";
import { mapInMemory } from "./mapped_map.ts";
import { loadTestObject } from "./testing_object.ts";

Deno.test("mapInMemory() reads what programs write, and the other way round", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "share");
  using mapped = mapInMemory(libbpf.libc, object.map(".bss"));
  const words = new BigUint64Array(mapped.bytes.buffer);
  words[0] = 40n;
  object.program("share").testRun(new Uint8Array(new BigUint64Array([2n, 0n]).buffer));
  assert.deepEqual([...words], [40n, 42n]);
});

Deno.test("mapInMemory() leaves nothing to read once it is disposed", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "share");
  const mapped = mapInMemory(libbpf.libc, object.map(".bss"));
  mapped[Symbol.dispose]();
  assert.equal(mapped.bytes.length, 0);
});

Deno.test("mapInMemory() says which map cannot be mapped", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  assert.throws(
    () => mapInMemory(libbpf.libc, object.map("table")),
    /^LibbpfError: Cannot map the BPF map "table": /,
  );
});
