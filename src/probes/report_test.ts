/** What is told of hooks, those that were tried in vain among them. @module */
import assert from "node:assert/strict";
import { perKind } from "../events/kinds.ts";
import { planAttach, type Refusal } from "./attach_plan.ts";
import { CATALOGUE } from "./catalogue.ts";
import type { ProbeState } from "./probes.ts";
import { listHooks } from "./report.ts";

const NO_TRACEPOINTS = {
  release: [6, 18],
  trampolines: false,
  kprobes: false,
  tracefs: false,
  preemptible: false,
  casts: false,
  hasFunction: () => true,
  hasTracepoint: () => true,
} as const;

Deno.test("listHooks() has the hook in use, and those that were preferred", () => {
  const refusal: Refusal = { event: "open", hook: "fexit", because: "EPERM" };
  const attached: ProbeState = {
    state: "attached",
    hook: "tp_btf",
    programs: [],
    insteadOf: [refusal],
  };
  const hooks = listHooks(perKind(() => attached)).filter(({ event }) => event === "open");
  assert.deepEqual(hooks, [
    { event: "open", hook: "fexit", attached: false },
    { event: "open", hook: "tp_btf", attached: true },
  ]);
});

Deno.test("listHooks() has each hook of a kind of event for which there is none", () => {
  const refusals = (["tp_btf", "raw_tp"] as const)
    .map((hook): Refusal => ({ event: "open", hook, because: "EPERM" }));
  const open = planAttach(CATALOGUE, NO_TRACEPOINTS, refusals).open;
  assert.ok(open.state === "missing");
  assert.deepEqual(
    listHooks(perKind(() => open)).filter(({ event }) => event === "open"),
    CATALOGUE.open.map(({ name }) => ({ event: "open", hook: name, attached: false })),
  );
});
