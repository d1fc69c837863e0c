/** What is concluded from deeds and sightings. @module */
import assert from "node:assert/strict";
import { perKind } from "../events/kinds.ts";
import type { HookName } from "../probes/catalogue.ts";
import type { ProbeState } from "../probes/probes.ts";
import { absentSpots, judge, type Trial, untested } from "./proof.ts";

interface Made {
  readonly id: string;
  readonly result?: number;
  readonly signal?: number;
  readonly seen?: number;
  readonly lost?: number;
}

const CASES: readonly (readonly [
  what: string,
  hook: HookName | undefined,
  made: readonly Made[],
  status: string,
  found: RegExp,
])[] = [
  ["seen once", "raw_tp", [{ id: "openat", seen: 1 }], "seen", /^seen$/],
  ["seen twice", "raw_tp", [{ id: "openat", seen: 2 }], "repeated", /^seen 2 times$/],
  ["not seen", "raw_tp", [{ id: "openat" }], "missing", /raw_tp.*not known/],
  ["not seen at first", "raw_tp", [{ id: "openat" }, { id: "openat", seen: 1 }], "seen", /^seen$/],
  [
    "seen twice at first",
    "raw_tp",
    [{ id: "openat", seen: 2 }, { id: "openat", seen: 1 }],
    "repeated",
    /2/,
  ],
  ["not seen as announced", "tracepoint", [{ id: "open_32bit" }], "blind", /tracepoint.*known/],
  ["seen though not announced", "tracepoint", [{ id: "open_32bit", seen: 1 }], "seen", /^seen$/],
  ["not seen while events were lost", "raw_tp", [{ id: "openat", lost: 7 }], "untested", /7 open/],
  ["not watched", undefined, [{ id: "openat" }], "blind", /not watched/],
  ["refused", "raw_tp", [{ id: "openat", result: -1 }], "untested", /EPERM/],
  ["killed", "raw_tp", [{ id: "openat", signal: 31 }], "untested", /signal 31/],
  ["unknown to the kernel", "raw_tp", [{ id: "uselib", result: -38 }], "untested", /no such call/],
  ["not made", "raw_tp", [], "untested", /nothing was made/],
];

for (const [what, hook, made, status, found] of CASES) {
  Deno.test(`judge() ${what}: ${status}`, () => {
    const id = made[0]?.id ?? "openat";
    const proof = judge(made.map(trial), perKind(() => stateOf(hook)));
    const one = proof.find((proof) => proof.id === `proof.${id}`);
    assert.equal(one?.status, status, one?.found);
    assert.match(one?.found ?? "", found);
  });
}

Deno.test("absentSpots() are those of calls that the kernel does not have", () => {
  const trials = [
    { id: "uselib", result: -38 },
    { id: "setuid_32bit", signal: 11 },
    { id: "open_io_uring", result: -1 },
  ].map(trial);
  assert.deepEqual([...absentSpots(trials)].sort(), ["compat32", "uselib"]);
});

Deno.test("untested() says the same of every deed", () => {
  const proof = untested("for a reason");
  assert.ok(proof.length > 20);
  for (const { status, found } of proof) {
    assert.deepEqual([status, found], ["untested", "for a reason"]);
  }
});

function trial({ id, result = 0, signal = 0, seen = 0, lost = 0 }: Made): Trial {
  const sighting = { event: "open", name: "chk-00", errno: 0 } as const;
  return {
    accounts: new Map([[id, { id, name: "chk-00", result, signal }]]),
    sightings: Array.from({ length: seen }, () => sighting),
    lost: perKind((event) => event === "open" ? lost : 0),
  };
}

function stateOf(hook: HookName | undefined): ProbeState {
  if (hook === undefined) return { state: "missing", because: "refused", refusals: [] };
  return { state: "attached", hook, programs: [], insteadOf: [] };
}
