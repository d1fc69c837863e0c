/** What the kernel accounts for a program, and running it by hand, on the real kernel. @module */
import assert from "node:assert/strict";
import { LibbpfError } from "./errors.ts";
import { openLibbpf } from "./library.ts";
import { decodeProgramInfo, INFO, TEST_RUN } from "./program.ts";
import { offsetsInC } from "./testing.ts";
import { loadTestObject } from "./testing_object.ts";

Deno.test("INFO agrees with linux/bpf.h", async () => {
  const { size: _, ...offsets } = INFO;
  assert.deepEqual(
    Object.values(offsets),
    await offsetsInC("linux/bpf.h", "struct bpf_prog_info", [
      "run_time_ns",
      "run_cnt",
      "recursion_misses",
      "verified_insns",
    ]),
  );
});

Deno.test("TEST_RUN agrees with bpf/bpf.h", async () => {
  const { size: _, ...offsets } = TEST_RUN;
  assert.deepEqual(
    Object.values(offsets),
    await offsetsInC("bpf/bpf.h", "struct bpf_test_run_opts", [
      "sz",
      "ctx_in",
      "ctx_size_in",
      "retval",
    ]),
  );
});

Deno.test("testRun() hands the arguments over and returns the result", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "add");
  const add = object.program("add");
  assert.equal(add.testRun(words(30n, 12n)), 42);
  assert.equal(add.testRun(words(0n, -2n)), -2);
});

Deno.test("testRun() refuses fewer arguments than the program reads", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "add");
  assert.throws(
    () => object.program("add").testRun(words(1n)),
    /^LibbpfError: Cannot run the BPF program "add" with 8 bytes of arguments: EINVAL$/,
  );
});

Deno.test("info() counts runs while the kernel's statistics are on", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "add");
  const add = object.program("add");
  {
    using _stats = libbpf.enableStats();
    for (let run = 0; run < 100; run++) add.testRun(words(1n, 2n));
  }
  const info = add.info();
  assert.equal(info.runs, 100);
  assert.ok(info.runSeconds > 0);
  assert.equal(info.missed, 0);
  assert.ok((info.verifiedInstructions ?? 0) >= 3);
  assert.deepEqual(add.info(), info);
});

Deno.test("decodeProgramInfo() leaves out what an older kernel does not tell", () => {
  const bytes = new Uint8Array(INFO.size);
  const fields = new DataView(bytes.buffer);
  fields.setBigUint64(INFO.runCount, 7n, true);
  fields.setBigUint64(INFO.runTimeNs, 1_500_000_000n, true);
  fields.setBigUint64(INFO.recursionMisses, 3n, true);
  fields.setUint32(INFO.verifiedInstructions, 99, true);
  const always = { runs: 7, runSeconds: 1.5 };
  const cases: readonly [string, number, number | undefined, number | undefined][] = [
    ["Linux 5.10", 208, undefined, undefined],
    ["Linux 5.15", 216, 3, undefined],
    ["Linux 5.16", 224, 3, 99],
  ];
  for (const [kernel, size, missed, verifiedInstructions] of cases) {
    const info = decodeProgramInfo(bytes, size);
    assert.deepEqual(info, { ...always, missed, verifiedInstructions }, kernel);
  }
});

Deno.test("program() refuses one that was left out, and is an error after the object", async () => {
  using libbpf = openLibbpf();
  const object = await loadTestObject(libbpf, "add");
  assert.throws(
    () => object.program("send"),
    (error) => error instanceof LibbpfError && error.code === "ENOENT",
  );
  const add = object.program("add");
  assert.ok(add.fd > 2);
  object[Symbol.dispose]();
  assert.throws(() => add.info(), TypeError);
  assert.throws(() => add.testRun(words(1n, 2n)), TypeError);
});

function words(...values: readonly bigint[]): Uint8Array {
  return new Uint8Array(new BigInt64Array(values).buffer);
}
