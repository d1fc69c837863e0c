/** The choice of hooks, for kernels with more and with less. @module */
import assert from "node:assert/strict";
import { EVENT_KINDS, perKind } from "../events/kinds.ts";
import { type HookFeatures, planAttach, plannedPrograms, type Refusal } from "./attach_plan.ts";
import { CATALOGUE, type HookName } from "./catalogue.ts";

const EVERYTHING: HookFeatures = {
  release: [6, 18],
  trampolines: true,
  kprobes: true,
  tracefs: true,
  preemptible: false,
  casts: true,
  hasFunction: () => true,
  hasTracepoint: () => true,
};
/** Nothing but tracepoints, as on kernels built without kprobes and in lockdown. */
const TRACEPOINTS: HookFeatures = { ...EVERYTHING, trampolines: false, kprobes: false };

function hooks(features: HookFeatures, refusals: readonly Refusal[] = [], forced = {}) {
  const plan = planAttach(CATALOGUE, features, refusals, forced);
  return perKind((event) => {
    const choice = plan[event];
    return choice.state === "chosen" ? choice.hook : choice.because;
  });
}

function refuse(hook: HookName): readonly Refusal[] {
  return EVENT_KINDS.map((event) => ({ event, hook, because: "EPERM" }));
}

Deno.test("planAttach() prefers functions to system calls", () => {
  assert.deepEqual(hooks(EVERYTHING), {
    exec: "fexit",
    clone: "tp_btf",
    open: "fexit",
    privilege: "fentry",
  });
});

Deno.test("planAttach() takes BTF-typed tracepoints where functions cannot be hooked", () => {
  assert.deepEqual(hooks(TRACEPOINTS), perKind(() => "tp_btf"));
});

Deno.test("planAttach() puts kprobes first where programs can be preempted", () => {
  assert.deepEqual(hooks({ ...EVERYTHING, preemptible: true }), perKind(() => "kprobe"));
  assert.deepEqual(hooks({ ...TRACEPOINTS, preemptible: true }), perKind(() => "tp_btf"));
});

Deno.test("planAttach() takes the next hook for the kind that was refused, and only for it", () => {
  const refusals: Refusal[] = [{ event: "open", hook: "tp_btf", because: "EPERM" }];
  assert.deepEqual(hooks(TRACEPOINTS, refusals), { ...perKind(() => "tp_btf"), open: "raw_tp" });
});

Deno.test("planAttach() tells of a choice what was preferred to it, and why it was not taken", () => {
  const choice = planAttach(CATALOGUE, TRACEPOINTS).privilege;
  assert.ok(choice.state === "chosen");
  assert.deepEqual(choice.insteadOf.map(({ hook, because }) => [hook, because]), [
    ["fentry", "this kernel does not let BPF hook functions"],
    ["kprobe", "this kernel has no kprobes"],
  ]);
});

Deno.test("planAttach() says of each hook why it cannot be had", () => {
  const refusals = [...refuse("tp_btf"), ...refuse("raw_tp")];
  const plan = hooks({ ...TRACEPOINTS, tracefs: false }, refusals);
  assert.equal(
    plan.open,
    "fexit: this kernel does not let BPF hook functions; kprobe: this kernel has no kprobes; " +
      "tp_btf: EPERM; raw_tp: EPERM; tracepoint: tracefs cannot be read",
  );
});

Deno.test("planAttach() takes a forced hook and no other in its place", () => {
  const forced = { clone: "tracepoint" } as const;
  assert.equal(hooks(EVERYTHING, [], forced).clone, "tracepoint");
  const because = hooks({ ...EVERYTHING, tracefs: false }, [], forced).clone;
  assert.equal(because, "tracepoint: tracefs cannot be read");
});

Deno.test("planAttach() names the function as this kernel does", () => {
  const targets = (has: (name: string) => boolean) =>
    plannedPrograms(planAttach(CATALOGUE, { ...EVERYTHING, hasFunction: has }))
      .find(({ name }) => name === "open_fexit")?.at;
  assert.deepEqual(targets(() => true), ["do_filp_open"]);
  assert.deepEqual(targets((name) => name !== "do_filp_open"), ["do_file_open"]);
  assert.equal(targets((name) => !/^do_fil[pe]_open$/.test(name)), undefined);
});

Deno.test("planAttach() takes a program for the kernels that it is for", () => {
  const targets = (release: HookFeatures["release"]) =>
    plannedPrograms(planAttach(CATALOGUE, { ...EVERYTHING, release }))
      .filter(({ name }) => name === "open_fexit_root").flatMap(({ at }) => at);
  assert.deepEqual(targets([5, 10]), ["do_file_open_root"]);
  assert.deepEqual(targets([5, 13]), ["file_open_root"]);
  assert.deepEqual(targets([6, 1]), ["file_open_root"]);
});

Deno.test("planAttach() leaves out optional programs that this kernel has nothing for", () => {
  const names = (features: HookFeatures) =>
    plannedPrograms(planAttach(CATALOGUE, features)).map(({ name }) => name);
  assert.ok(names(TRACEPOINTS).includes("exec_btf_prepare"));
  assert.ok(names(TRACEPOINTS).includes("open_raw_io_uring"));
  const older = names({
    ...TRACEPOINTS,
    release: [5, 10],
    hasTracepoint: (name) => name !== "sched_prepare_exec",
  });
  assert.ok(!older.includes("exec_btf_prepare"));
  assert.ok(!older.includes("open_raw_io_uring"));
  assert.ok(older.includes("exec_btf"));
});
