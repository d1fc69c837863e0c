/** What the agent does with fewer privileges than root has, or on a kernel that grants fewer. @module */
import assert from "node:assert/strict";
import { type Agent, agentCommand, inheritedEnvironment } from "../../harness/agent.ts";
import { sample } from "../../harness/metrics.ts";
import { run } from "../../harness/process.ts";
import { assertAllTold } from "./assertions.ts";
import { EVERYTHING } from "./conditions.ts";
import { session } from "./session.ts";
import type { Check } from "./tap.ts";

export function leastPrivilegeChecks(): readonly Check[] {
  return [{
    name: "nobody with CAP_BPF and CAP_PERFMON is told everything where perf_event_paranoid is 3",
    run: async () => {
      await Deno.writeTextFile("/proc/sys/kernel/perf_event_paranoid", "3");
      const told = await session({
        operations: EVERYTHING,
        wrap: AS_NOBODY,
        env: { DENO_DIR: "/tmp/nobody", HOME: "/tmp" },
        stages: { assertNobody },
      });
      assert.equal(sample(told.metrics, "ebpf_agent_transport", { transport: "ring" }), 1);
      return assertAllTold(told);
    },
  }];
}

/**
 * Under lockdown=integrity, which leaves the agent all that it needs, and then under
 * lockdown=confidentiality, which refuses every program that reads the kernel's memory. There is no way
 * back from either.
 */
export function lockdownChecks(): readonly Check[] {
  return [{
    name: "everything is told under lockdown=integrity",
    run: async () => {
      await lockDown("integrity");
      return assertAllTold(await session({ operations: EVERYTHING }));
    },
  }, {
    name: "the agent ends with 3 and names lockdown under lockdown=confidentiality",
    run: async () => {
      await lockDown("confidentiality");
      const command = [...agentCommand(), "run", "--web.listen-address=127.0.0.1:0"];
      const { code, stdout, stderr } = await run(command, { env: inheritedEnvironment() });
      assert.equal(code, 3, stderr);
      assert.equal(stdout, "");
      assert.match(stderr.trimEnd().split("\n").at(-1) ?? "", /lockdown/);
      return stderr;
    },
  }];
}

/** As the kernel's parameter of this name does at its start. */
async function lockDown(mode: string): Promise<void> {
  await Deno.writeTextFile("/sys/kernel/security/lockdown", mode);
  const modes = await Deno.readTextFile("/sys/kernel/security/lockdown");
  assert.ok(modes.includes(`[${mode}]`), modes);
}

/** The real program: busybox has one of this name that keeps all capabilities. */
const AS_NOBODY = [
  ...["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
  ...["inh-caps", "ambient-caps", "bounding-set"].map((set) => `--${set}=-all,+bpf,+perfmon`),
];

/** CAP_BPF is bit 39, CAP_PERFMON bit 38 (linux/capability.h). */
async function assertNobody(_load: unknown, agent: Agent): Promise<readonly []> {
  const status = await Deno.readTextFile(`/proc/${agent.pid}/status`);
  assert.match(status, /^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
  for (const set of ["CapEff", "CapPrm", "CapBnd"]) {
    assert.match(status, new RegExp(`^${set}:\\s+000000c000000000$`, "m"));
  }
  return [];
}
