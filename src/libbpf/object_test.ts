/** Objects from image to kernel: prepared, loaded, refused. @module */
import assert from "node:assert/strict";
import { LibbpfError } from "./errors.ts";
import { openLibbpf } from "./library.ts";
import { openObject } from "./object.ts";
import { compileBpf } from "./testing.ts";
import { countedCalls, loadTestObject, PROGRAMS, testImage } from "./testing_object.ts";

Deno.test("programs() names those that are left out, too", async () => {
  using libbpf = openLibbpf();
  using object = openObject(libbpf, await testImage(), "test");
  object.setAutoload("count_btf", false);
  assert.deepEqual(object.programs(), PROGRAMS);
});

Deno.test("openObject() does not need the image any longer", async () => {
  using libbpf = openLibbpf();
  const image = (await testImage()).slice();
  using object = openObject(libbpf, image, "test");
  image.fill(0);
  object.load();
  assert.equal(object.program("add").testRun(new Uint8Array(16)), 0);
});

Deno.test("openObject() says what is damaged", async () => {
  using libbpf = openLibbpf();
  const image = await testImage();
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /^Cannot open the BPF object "damaged": EINVAL/],
    [
      "text",
      new TextEncoder().encode("#!/bin/sh\n"),
      /: LIBBPF_ERRNO__FORMAT \(elf: 'damaged' is not a proper ELF object\)$/,
    ],
    ["half", image.slice(0, image.length / 2), /: LIBBPF_ERRNO__FORMAT \(.*/],
  ];
  for (const [name, bytes, message] of cases) {
    assert.throws(() => openObject(libbpf, bytes, "damaged"), (error) => {
      assert.ok(error instanceof LibbpfError, name);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("setInitialValue() is what the programs see, and initialValue() what was set", async () => {
  using libbpf = openLibbpf();
  using object = openObject(libbpf, await testImage(), "test");
  assert.deepEqual(object.initialValue(".rodata"), new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0]));
  object.setInitialValue(".rodata", countedCalls());
  assert.deepEqual(object.initialValue(".rodata"), countedCalls());
  object.load();
  const seen = new Uint8Array(8);
  object.map(".rodata").lookup(new Uint32Array(1), seen);
  assert.deepEqual(seen, countedCalls());
});

Deno.test("setInitialValue() refuses another size, and a map without one", async () => {
  using libbpf = openLibbpf();
  using object = openObject(libbpf, await testImage(), "test");
  assert.throws(
    () => object.setInitialValue(".rodata", new Uint8Array(7)),
    /^RangeError: Cannot set the initial value of the BPF map "\.rodata": it has 8 bytes, not 7$/,
  );
  assert.throws(() => object.setInitialValue("table", new Uint8Array(12)), /"table": EINVAL/);
  assert.throws(() => object.initialValue("table"), LibbpfError);
});

Deno.test("setMaxEntries() sizes a map", async () => {
  using libbpf = openLibbpf();
  using object = openObject(libbpf, await testImage(), "test");
  object.setMaxEntries("table", 4321);
  object.load();
  assert.equal(object.map("table").maxEntries, 4321);
});

Deno.test("BpfObject cannot be prepared once it is loaded", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  const late: readonly [string, () => void][] = [
    ["setAutoload", () => object.setAutoload("add", true)],
    ["setInitialValue", () => object.setInitialValue(".rodata", countedCalls())],
    ["setMaxEntries", () => object.setMaxEntries("table", 9)],
    ["load", () => object.load()],
  ];
  for (const [name, call] of late) assert.throws(call, LibbpfError, name);
});

Deno.test("BpfObject cannot be used before it is loaded", async () => {
  using libbpf = openLibbpf();
  using object = openObject(libbpf, await testImage(), "test");
  assert.throws(() => object.map("table"), /Cannot use the BPF object "test": it is not loaded/);
  assert.throws(() => object.program("add"), TypeError);
});

Deno.test("BpfObject names what it does not have", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf);
  assert.throws(() => object.map("nope"), /Cannot find the BPF map "nope": ENOENT/);
  assert.throws(() => object.program("nope"), /Cannot find the BPF program "nope": ENOENT/);
});

Deno.test("BpfObject is an error instead of a crash once it is closed", async () => {
  using libbpf = openLibbpf();
  const object = openObject(libbpf, await testImage(), "test");
  object[Symbol.dispose]();
  object[Symbol.dispose]();
  assert.throws(() => object.load(), /Cannot use the BPF object "test": it is closed/);
  assert.throws(() => object.programs(), TypeError);
});

Deno.test("BpfObject leaves nothing open", async () => {
  using libbpf = openLibbpf();
  {
    using _object = await loadTestObject(libbpf, "add");
    assert.ok(bpfDescriptors().length > 3, "a program, maps and types");
  }
  assert.deepEqual(bpfDescriptors(), []);
});

Deno.test("BpfObject is an error instead of a crash once libbpf is closed", async () => {
  const libbpf = openLibbpf();
  const object = openObject(libbpf, await testImage(), "test");
  libbpf[Symbol.dispose]();
  assert.throws(() => object.load(), /Cannot use libbpf: it is closed/);
  assert.throws(() => object[Symbol.dispose](), TypeError);
});

Deno.test("load() tells the program and the verifier's verdict", async () => {
  const image = await compileBpf(`
    SEC("raw_tp") int fine(__u64 *ctx) { return 0; }
    SEC("raw_tp") int wild(__u64 *ctx) { return *(volatile int *)ctx[0]; }
  `);
  using libbpf = openLibbpf();
  using object = openObject(libbpf, image, "refused");
  assert.throws(() => object.load(), (error) => {
    assert.ok(error instanceof LibbpfError);
    assert.equal(error.operation, 'load the BPF object "refused"');
    assert.equal(error.code, "EACCES");
    assert.match(
      error.message,
      /^Cannot load .*: EACCES \(program "wild": R\d .*mem access '.*'\)$/,
    );
    assert.ok(error.log.some((line) => line.includes("BEGIN PROG LOAD LOG")));
    assert.ok(error.log.some((line) => /^\d+: \(61\)/.test(line)), "the refused instruction");
    return true;
  });
});

Deno.test("load() keeps the end of a long verifier log", async () => {
  const image = await compileBpf(`SEC("raw_tp") int long_log(__u64 *ctx) {
    __u64 sum = ctx[1];
    for (int i = 0; i < 1000; i++) sum += i * sum;
    return sum + *(volatile int *)ctx[0];
  }`);
  using libbpf = openLibbpf();
  using object = openObject(libbpf, image, "refused");
  assert.throws(() => object.load(), (error) => {
    assert.ok(error instanceof LibbpfError);
    assert.match(error.message, /\(program "long_log": R\d .*mem access '.*'\)$/);
    assert.ok(error.log.length > 500 && error.log.length <= 1000, `${error.log.length} lines`);
    return true;
  });
});

Deno.test("load() tells which kernel structure is not as the program wants it", async () => {
  const image = await compileBpf(`
    struct task_struct { int no_such_member; } __attribute__((preserve_access_index));
    SEC("raw_tp") int relocated(__u64 *ctx) {
      struct task_struct *task = (void *)bpf_get_current_task();
      int value = 0;
      bpf_probe_read_kernel(&value, sizeof(value), &task->no_such_member);
      return value;
    }
  `);
  using libbpf = openLibbpf();
  using object = openObject(libbpf, image, "refused");
  assert.throws(() => object.load(), /program "relocated": .*task_struct\.no_such_member/);
});

/** What this process has open of the kernel's BPF objects. */
function bpfDescriptors(): readonly string[] {
  const names: string[] = [];
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      names.push(Deno.readLinkSync(`/proc/self/fd/${name}`));
    } catch (error) {
      // The folder's own descriptor, closed by now.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return names.filter((name) => /bpf|btf/.test(name));
}
