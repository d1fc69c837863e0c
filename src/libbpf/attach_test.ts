/** Ways of attaching, on the real kernel: each sees exactly the calls made while it is there. @module */
import assert from "node:assert/strict";
import { attachTrace, attachTracepoint, type Link } from "./attach.ts";
import { LibbpfError } from "./errors.ts";
import { openLibbpf } from "./library.ts";
import { PerCpuArray } from "./map.ts";
import type { BpfObject } from "./object.ts";
import type { BpfProgram } from "./program.ts";
import { loadTestObject, makeCountedCalls } from "./testing_object.ts";

const WAYS: readonly {
  readonly way: string;
  readonly program: "count_raw" | "count_btf" | "count_classic";
  readonly attach: (program: BpfProgram) => Link;
}[] = [
  { way: "attachTrace", program: "count_raw", attach: attachTrace },
  { way: "attachTrace", program: "count_btf", attach: attachTrace },
  {
    way: "attachTracepoint",
    program: "count_classic",
    attach: (program) => attachTracepoint(program, "syscalls", "sys_enter_geteuid"),
  },
];

for (const { way, program, attach } of WAYS) {
  Deno.test(`${way}() has ${program} run until the link is disposed`, async () => {
    using libbpf = openLibbpf();
    using object = await loadTestObject(libbpf, program);
    makeCountedCalls(10);
    assert.deepEqual(counted(object), [0n, 0n]);
    {
      using _link = attach(object.program(program));
      makeCountedCalls(1000);
    }
    makeCountedCalls(100);
    assert.deepEqual(counted(object), [1000n, 10_000n]);
  });
}

Deno.test("attachTracepoint() names the tracepoint that is not there", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "count_classic");
  const program = object.program("count_classic");
  assert.throws(() => attachTracepoint(program, "syscalls", "sys_enter_nothing"), (error) => {
    assert.ok(error instanceof LibbpfError);
    assert.equal(error.code, "ENOENT");
    assert.ok(error.message.startsWith(
      'Cannot attach the BPF program "count_classic" to the tracepoint syscalls/sys_enter_nothing: ENOENT (',
    ));
    return true;
  });
});

Deno.test("attachTrace() refuses a program whose section names no hook", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "add");
  const program = object.program("add");
  assert.throws(
    () => attachTrace(program),
    (error) => error instanceof LibbpfError && error.code === "EOPNOTSUPP",
  );
});

Deno.test("Link is detached once, however often it is disposed", async () => {
  using libbpf = openLibbpf();
  using object = await loadTestObject(libbpf, "count_raw");
  const link = attachTrace(object.program("count_raw"));
  link[Symbol.dispose]();
  link[Symbol.dispose]();
});

/** What all CPUs counted together. */
function counted(object: BpfObject): readonly bigint[] {
  const array = new PerCpuArray(object.map("counts"));
  const values = array.buffer();
  array.readPerCpu(1, values);
  const sum = (word: number) =>
    values.filter((_, at) => at % array.wordsPerCpu === word).reduce((a, b) => a + b, 0n);
  return [sum(0), sum(1)];
}
