/** Verdicts, and the exit codes that tell them. @module */
import assert from "node:assert/strict";
import {
  exitCodeOf,
  type Proof,
  type ProofStatus,
  type Requirement,
  type Status,
  verdictOf,
} from "./report.ts";

const CASES: readonly (readonly [
  runs: boolean,
  requirements: readonly Status[],
  proof: readonly ProofStatus[],
  verdict: Status,
])[] = [
  [true, ["ok", "ok"], ["seen"], "ok"],
  [true, ["ok"], ["seen", "untested"], "ok"],
  [true, ["ok", "degraded"], ["seen"], "degraded"],
  [true, ["ok", "missing"], ["seen"], "degraded"],
  [true, ["ok"], ["seen", "blind"], "degraded"],
  [true, ["ok"], ["missing"], "degraded"],
  [true, ["ok"], ["repeated"], "degraded"],
  [false, ["ok"], ["untested"], "missing"],
];

for (const [runs, requirements, proof, verdict] of CASES) {
  const what = [runs ? "runs" : "cannot run", ...requirements, ...proof].join(", ");
  Deno.test(`verdictOf() ${what}: ${verdict}`, () => {
    assert.equal(verdictOf(runs, requirements.map(requirement), proof.map(proven)), verdict);
  });
}

Deno.test("exitCodeOf() is 0 for ok, 1 for degraded, 3 for missing", () => {
  assert.deepEqual((["ok", "degraded", "missing"] as const).map(exitCodeOf), [0, 1, 3]);
});

function requirement(status: Status): Requirement {
  return { id: "some", status, found: "", remedy: null };
}

function proven(status: ProofStatus): Proof {
  return { id: "some", event: "open", status, what: "", found: "" };
}
