/** Capabilities out of /proc/self/status, and their numbers against the kernel's header. @module */
import assert from "node:assert/strict";
import { runC } from "../libbpf/testing.ts";
import { CAPABILITIES, capabilitiesRequirement, heldCapabilities } from "./capabilities.ts";

function status(effective: string) {
  return `Name:\tcat\nCapInh:\tffffffffffffffff\nCapEff:\t${effective}\nCapBnd:\tffffffffffffffff\n`;
}

Deno.test("CAPABILITIES have the numbers of linux/capability.h", async () => {
  const prints = CAPABILITIES.map(({ name }) => `printf("%d ", ${name});`).join("\n");
  const text = new TextDecoder().decode(await runC(["linux/capability.h"], prints));
  assert.deepEqual(text.trim().split(" ").map(Number), CAPABILITIES.map(({ bit }) => bit));
});

Deno.test("heldCapabilities() are the effective ones", () => {
  assert.deepEqual([...heldCapabilities(status("000000c000000000"))], ["CAP_BPF", "CAP_PERFMON"]);
  assert.deepEqual([...heldCapabilities(status("0000000000000000"))], []);
  assert.deepEqual([...heldCapabilities("")], []);
});

const CASES: readonly (readonly [effective: string, status: string, found: string])[] = [
  ["000001ffffffffff", "ok", "what is needed is held"],
  ["000000c000000000", "ok", "what is needed is held"],
  ["0000000000200000", "ok", "what is needed is held"],
  ["0000008000000000", "missing", "not held: CAP_PERFMON"],
  ["0000004000000000", "missing", "not held: CAP_BPF"],
  ["0000000000000000", "missing", "not held: CAP_BPF and CAP_PERFMON"],
];

for (const [effective, expected, found] of CASES) {
  Deno.test(`capabilitiesRequirement() ${effective}: ${expected}`, () => {
    const requirement = capabilitiesRequirement({ text: status(effective) });
    assert.deepEqual([requirement.status, requirement.found], [expected, found]);
    assert.equal(requirement.details?.length, CAPABILITIES.length);
  });
}

Deno.test("capabilitiesRequirement() needs /proc", () => {
  const { status, found } = capabilitiesRequirement({ because: "ENOENT" });
  assert.deepEqual([status, found], ["missing", "cannot be read (ENOENT)"]);
});
