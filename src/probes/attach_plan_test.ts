/** The choice of hooks, for kernels with more and with less. @module */
import assert from "node:assert/strict";
import { EVENT_KINDS, perKind } from "../events/kinds.ts";
import { type HookFeatures, planAttach, plannedPrograms, type Refusal } from "./attach_plan.ts";
import { CATALOGUE, type HookName } from "./catalogue.ts";

const EVERYTHING: HookFeatures = { btf: true, tracefs: true, hasTracepoint: () => true };

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

Deno.test("planAttach() prefers tp_btf", () => {
  assert.deepEqual(hooks(EVERYTHING), perKind(() => "tp_btf"));
});

Deno.test("planAttach() takes the next hook for the kind that was refused, and only for it", () => {
  const refusals: Refusal[] = [{ event: "open", hook: "tp_btf", because: "EPERM" }];
  assert.deepEqual(hooks(EVERYTHING, refusals), {
    ...perKind(() => "tp_btf"),
    open: "raw_tp",
  });
});

Deno.test("planAttach() does without tp_btf where there is no BTF", () => {
  assert.deepEqual(hooks({ ...EVERYTHING, btf: false }), perKind(() => "raw_tp"));
});

Deno.test("planAttach() says of each hook why it cannot be had", () => {
  const refusals = [...refuse("tp_btf"), ...refuse("raw_tp")];
  assert.deepEqual(
    hooks({ ...EVERYTHING, tracefs: false }, refusals),
    perKind(() => "tp_btf: EPERM; raw_tp: EPERM; tracepoint: tracefs cannot be read"),
  );
});

Deno.test("planAttach() takes a forced hook and no other in its place", () => {
  const forced = { clone: "tracepoint" } as const;
  assert.equal(hooks(EVERYTHING, [], forced).clone, "tracepoint");
  assert.equal(
    hooks({ ...EVERYTHING, tracefs: false }, [], forced).clone,
    "tracepoint: tracefs cannot be read",
  );
});

Deno.test("planAttach() leaves out a program whose tracepoint this kernel lacks", () => {
  const names = (features: HookFeatures) =>
    plannedPrograms(planAttach(CATALOGUE, features)).map(({ name }) => name);
  assert.ok(names(EVERYTHING).includes("exec_btf_prepare"));
  const older = names({ ...EVERYTHING, hasTracepoint: (name) => name !== "sched_prepare_exec" });
  assert.ok(!older.includes("exec_btf_prepare"));
  assert.ok(older.includes("exec_btf"));
});
