/** What is said of loading, attaching and proving, case by case. @module */
import assert from "node:assert/strict";
import { perKind } from "../events/kinds.ts";
import type { Rings } from "../events/transport.ts";
import type { ProbeState } from "../probes/probes.ts";
import {
  eventRequirements,
  libbpfRequirement,
  programsRequirement,
  proofRequirement,
  transportRequirement,
} from "./agent_requirements.ts";
import type { Proof, ProofStatus } from "./report.ts";
import { failure } from "./sentence.ts";

const FAILED = { failure: { found: "Cannot open it", remedy: "Install it" } };
const NONE: ReadonlySet<string> = new Set();

Deno.test("libbpfRequirement() is the version, or what was thrown", () => {
  assert.equal(libbpfRequirement({ value: { version: "1.1" } }).found, "1.1");
  const { status, found, remedy } = libbpfRequirement(FAILED);
  assert.deepEqual([status, found, remedy], ["missing", "Cannot open it", "Install it"]);
});

Deno.test("programsRequirement() is missing where nothing could be attached", () => {
  assert.equal(programsRequirement({ value: {} }).status, "ok");
  assert.equal(programsRequirement(FAILED).status, "missing");
});

Deno.test("transportRequirement() tells which it is, and why", () => {
  const found = (rings: Partial<Rings>, perfRefusal?: string, asked: "auto" | "ring" = "auto") =>
    transportRequirement({ value: { rings: rings as Rings, perfRefusal } }, asked).found;
  assert.equal(
    found({ transport: "perf", pages: 8 }),
    "a perf buffer of 8 pages for each CPU",
  );
  assert.equal(found({ transport: "ring" }, "EPERM"), "a BPF ring buffer, because: EPERM");
  assert.match(found({ transport: "ring" }, undefined, "ring"), /because: --transport=ring/);
  assert.equal(transportRequirement(FAILED, "auto").status, "missing");
});

Deno.test("eventRequirements() tell the hook, its blind spots and what it stands in for", () => {
  const insteadOf = [{ event: "open", hook: "fexit", because: "there is none" }] as const;
  const attached: ProbeState = {
    state: "attached",
    hook: "tracepoint",
    programs: ["open_tp_exit"],
    insteadOf,
  };
  const [exec, , open] = eventRequirements(
    { value: { states: { ...perKind(missing), open: attached } } },
    new Set(["uselib"]),
  );
  assert.equal(exec.status, "missing");
  assert.deepEqual([exec.hook, exec.found], [null, "not watched: it was refused"]);
  assert.equal(open.status, "degraded");
  assert.deepEqual([open.hook, open.fallback], ["tracepoint", true]);
  const ids = open.blind_spots.map(({ id }) => id);
  assert.ok(ids.includes("compat32") && ids.includes("io_uring"), ids.join());
  assert.ok(!ids.includes("uselib"), "which this kernel does not have");
  assert.ok(open.details?.includes("rather than fexit: there is none"));
  assert.ok(open.remedy);
});

Deno.test("eventRequirements() are ok without blind spots", () => {
  const attached: ProbeState = { state: "attached", hook: "tp_btf", programs: [], insteadOf: [] };
  const [, clone] = eventRequirements({ value: { states: perKind(() => attached) } }, NONE);
  assert.deepEqual([clone.status, clone.found, clone.remedy], ["ok", "watched by tp_btf", null]);
});

Deno.test("eventRequirements() are missing where nothing is attached", () => {
  const statuses = eventRequirements(FAILED, NONE).map(({ status }) => status);
  assert.deepEqual(statuses, ["missing", "missing", "missing", "missing"]);
});

const PROOFS: readonly (readonly [statuses: readonly ProofStatus[], status: string])[] = [
  [["seen", "blind", "untested"], "ok"],
  [["seen", "missing"], "missing"],
  [["seen", "repeated"], "missing"],
  [["untested", "untested"], "degraded"],
];

for (const [statuses, expected] of PROOFS) {
  Deno.test(`proofRequirement() ${statuses.join(", ")}: ${expected}`, () => {
    const { status, found } = proofRequirement({ value: [] }, statuses.map(proof));
    assert.equal(status, expected);
    const made = statuses.filter((status) => status !== "untested").length;
    assert.ok(found.startsWith(`${made} of ${statuses.length} events could be made`), found);
  });
}

Deno.test("proofRequirement() tells why nothing could be made", () => {
  const { status, found } = proofRequirement(failure("it can be executed nowhere"), []);
  assert.deepEqual([status, found], ["degraded", "it can be executed nowhere"]);
});

function missing(): ProbeState {
  return { state: "missing", because: "it was refused", refusals: [] };
}

function proof(status: ProofStatus): Proof {
  return { id: "proof.some", event: "open", status, what: "some", found: "" };
}
