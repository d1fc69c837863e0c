/** The hooks' tracepoints, on this kernel and on other machines. @module */
import assert from "node:assert/strict";
import { callTracepoints, CATALOGUE, isOlder } from "./catalogue.ts";

Deno.test("callTracepoints() names the entry and the exit of each call", () => {
  assert.deepEqual(callTracepoints("enter", ["open", "openat"], "x86_64"), [
    "syscalls:sys_enter_open",
    "syscalls:sys_enter_openat",
  ]);
  assert.deepEqual(callTracepoints("exit", ["creat"], "x86_64"), ["syscalls:sys_exit_creat"]);
});

Deno.test("callTracepoints() leaves out what arm64 does not have", () => {
  assert.deepEqual(callTracepoints("enter", ["open", "openat", "openat2", "creat"], "aarch64"), [
    "syscalls:sys_enter_openat",
    "syscalls:sys_enter_openat2",
  ]);
});

Deno.test("CATALOGUE names tracepoints of this machine alone", () => {
  const named = Object.values(CATALOGUE).flat().flatMap(({ programs }) =>
    programs.flatMap(({ by, at }) => by === "tracepoint" ? at : [])
  );
  assert.ok(named.length > 10);
  const old = named.filter((name) => /_(?:open|creat)$/.test(name));
  assert.equal(old.length, Deno.build.arch === "aarch64" ? 0 : 4);
});

Deno.test("isOlder() compares numbers, the first of them first", () => {
  const cases = [
    { release: [5, 9], other: [5, 10], older: true },
    { release: [5, 10], other: [5, 10], older: false },
    { release: [5, 11], other: [5, 10], older: false },
    { release: [4, 20], other: [5, 10], older: true },
    { release: [6, 1], other: [5, 10], older: false },
    { release: [10, 0], other: [9, 9], older: false },
  ] as const;
  for (const { release, other, older } of cases) assert.equal(isOlder(release, other), older);
});
