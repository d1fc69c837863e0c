/** What is said of perf events and locked memory, case by case. @module */
import assert from "node:assert/strict";
import type { Facts } from "./facts.ts";
import {
  lockedMemoryLimit,
  memlockRequirement,
  perfEventRequirement,
  type RingPages,
} from "./privileges.ts";

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             3812                 3812                 processes
Max locked memory         8388608              unlimited            bytes
Max address space         unlimited            unlimited            bytes
`;

Deno.test("perfEventRequirement() goes by what was tried and not by the sysctl", () => {
  const works = perfEventRequirement({ text: "4" }, { opened: true });
  assert.deepEqual([works.status, works.found], ["ok", "4; perf_event_open works"]);
  const refused = perfEventRequirement({ text: "-1" }, { refused: "EPERM" });
  assert.equal(refused.status, "degraded");
  assert.match(refused.found, /^-1; perf_event_open is refused \(EPERM\)/);
});

Deno.test("perfEventRequirement() advises to lower the sysctl where that is what refuses", () => {
  const remedy = (paranoid: string, refused: string) =>
    perfEventRequirement({ text: paranoid }, { refused }).remedy ?? "";
  assert.match(remedy("3", "EACCES"), /kernel\.perf_event_paranoid=2/);
  assert.match(remedy("2", "EACCES"), /seccomp|CAP_PERFMON/);
  assert.match(remedy("3", "EPERM"), /seccomp/);
});

Deno.test("lockedMemoryLimit() is the soft limit", () => {
  assert.equal(lockedMemoryLimit({ text: LIMITS }), 8388608);
  assert.equal(lockedMemoryLimit({ text: LIMITS.replace("8388608", "unlimited") }), Infinity);
  assert.equal(lockedMemoryLimit({ because: "ENOENT" }), 0);
});

const CASES: readonly (readonly [
  what: string,
  release: string,
  capabilities: string,
  pages: RingPages | undefined,
  status: string,
])[] = [
  ["all pages", "6.1.0", "c000000000", { wanted: 1024, opened: 1024 }, "ok"],
  ["fewer pages", "6.1.0", "c000000000", { wanted: 2048, opened: 1024 }, "degraded"],
  ["a BPF ring buffer", "6.1.0", "c000000000", { wanted: 2048, opened: undefined }, "ok"],
  ["nothing attached, for other reasons", "5.11.0", "0", undefined, "ok"],
  ["nothing attached where maps are locked", "5.10.0", "c000000000", undefined, "missing"],
  ["nothing attached with CAP_SYS_RESOURCE", "5.10.0", "1000000", undefined, "ok"],
];

for (const [what, release, capabilities, pages, status] of CASES) {
  Deno.test(`memlockRequirement() ${what} on ${release}: ${status}`, () => {
    const requirement = memlockRequirement(facts(release, capabilities), pages);
    assert.equal(requirement.status, status, requirement.found);
    assert.match(requirement.found, /^8 MiB/);
    assert.equal(requirement.remedy === null, status === "ok");
  });
}

function facts(release: string, capabilities: string): Facts {
  const none = { because: "ENOENT" };
  return {
    release: { text: release },
    btf: none,
    lockdown: none,
    tracefs: none,
    status: { text: `CapEff:\t${capabilities.padStart(16, "0")}\n` },
    limits: { text: LIMITS },
    perfEventParanoid: none,
  };
}
