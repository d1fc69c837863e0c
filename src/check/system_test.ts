/** What is said of kernels and how they are set up, case by case. @module */
import assert from "node:assert/strict";
import { perKind } from "../events/kinds.ts";
import type { ProbeState } from "../probes/probes.ts";
import type { Told } from "./facts.ts";
import {
  btfRequirement,
  kernelRequirement,
  lockdownRequirement,
  tracefsRequirement,
} from "./system.ts";

const KERNELS: readonly (readonly [release: string, runs: boolean, status: string])[] = [
  ["7.2.0-amd64", true, "ok"],
  ["6.18.4", true, "ok"],
  ["5.10.0-32-cloud-amd64", true, "ok"],
  ["5.10", false, "ok"],
  ["5.9.16", true, "degraded"],
  ["5.8.0-63-generic", false, "degraded"],
  ["5.7.19", true, "degraded"],
  ["4.18.0-553.el8", true, "degraded"],
  ["4.18.0-553.el8", false, "missing"],
  ["custom", false, "missing"],
];

for (const [release, runs, status] of KERNELS) {
  Deno.test(`kernelRequirement() ${release}, which ${runs ? "runs" : "does not run"} it: ${status}`, () => {
    const requirement = kernelRequirement({ text: release }, runs);
    assert.equal(requirement.status, status);
    assert.ok(requirement.found.startsWith(release));
    assert.equal(requirement.remedy === null, status === "ok");
  });
}

Deno.test("btfRequirement() tells the size, or why there is none", () => {
  assert.equal(btfRequirement({ text: "5557329" }).found, "/sys/kernel/btf/vmlinux, 5.3 MiB");
  const { status, found, remedy } = btfRequirement({ because: "ENOENT" });
  assert.equal(status, "missing");
  assert.match(found, /ENOENT/);
  assert.match(remedy ?? "", /CONFIG_DEBUG_INFO_BTF/);
});

const LOCKDOWNS: readonly (readonly [told: Told, runs: boolean, status: string, found: RegExp])[] =
  [
    [{ text: "[none] integrity confidentiality" }, true, "ok", /^none$/],
    [{ text: "none [integrity] confidentiality" }, true, "ok", /^integrity$/],
    [{ text: "none integrity [confidentiality]" }, false, "missing", /^confidentiality/],
    [{ text: "none integrity [confidentiality]" }, true, "degraded", /^confidentiality/],
    [{ because: "ENOENT" }, true, "ok", /none, or securityfs/],
    [{ because: "EACCES" }, true, "ok", /EACCES/],
  ];

for (const [told, runs, status, found] of LOCKDOWNS) {
  Deno.test(`lockdownRequirement() ${Object.values(told)}, runs ${runs}: ${status}`, () => {
    const requirement = lockdownRequirement(told, runs);
    assert.equal(requirement.status, status);
    assert.match(requirement.found, found);
  });
}

Deno.test("tracefsRequirement() misses tracefs only where something could need it", () => {
  const attached: ProbeState = { state: "attached", hook: "tp_btf", programs: [], insteadOf: [] };
  const missing: ProbeState = { state: "missing", because: "tracefs cannot be read", refusals: [] };
  const all = perKind(() => attached);
  assert.equal(tracefsRequirement({ text: "/sys/kernel/tracing" }, undefined).status, "ok");
  assert.equal(tracefsRequirement({ because: "EACCES" }, all).status, "ok");
  assert.equal(
    tracefsRequirement({ because: "EACCES" }, { ...all, open: missing }).status,
    "degraded",
  );
  assert.equal(tracefsRequirement({ because: "EACCES" }, undefined).status, "degraded");
});
