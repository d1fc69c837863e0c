/** Blind spots of each hook, and of what is attached for it. @module */
import assert from "node:assert/strict";
import { CATALOGUE } from "./catalogue.ts";
import { blindSpots } from "./coverage.ts";

function ids(...[event, use]: Parameters<typeof blindSpots>): readonly string[] {
  return blindSpots(event, use).map(({ id }) => id);
}

Deno.test("blindSpots() has none for opens below the system calls, with all their programs", () => {
  const programs = CATALOGUE.open[0].programs.map(({ name }) => name);
  assert.deepEqual(ids("open", { hook: "fexit", programs }), []);
});

Deno.test("blindSpots() has one for each program that could not be attached", () => {
  assert.deepEqual(ids("open", { hook: "fexit", programs: ["open_fexit"] }), [
    "open_by_handle_at",
    "early_failures",
  ]);
  const atCalls = ids("open", { hook: "tp_btf", programs: ["calls_btf_exit"] });
  assert.ok(atCalls.includes("io_uring") && !atCalls.includes("io_uring_path"));
  const withUring = ids("open", {
    hook: "tp_btf",
    programs: ["calls_btf_exit", "open_raw_io_uring"],
  });
  assert.ok(!withUring.includes("io_uring") && withUring.includes("io_uring_path"));
});

Deno.test("blindSpots() tells of 32-bit programs at classic tracepoints", () => {
  for (const event of ["exec", "open", "privilege"] as const) {
    assert.ok(ids(event, { hook: "tracepoint", programs: [] }).includes("compat32"), event);
    assert.ok(!ids(event, { hook: "raw_tp", programs: [] }).includes("compat32"), event);
  }
});
