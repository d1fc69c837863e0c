/** Nothing leads past the agent unannounced on this machine; the other kernels are in test/vm. @module */
import assert from "node:assert/strict";
import { compileAdversary, type Ground, problems, survey } from "./adversary/survey.ts";
import { kernelTest } from "./harness/kernel.ts";
import { output } from "./harness/process.ts";

/** Those that every kernel has which the agent runs on. */
const HOOKS = ["tp_btf", "raw_tp", "tracepoint"] as const;

for (const hook of HOOKS) {
  kernelTest(
    `no road leads past ${hook} unannounced, and every read of passwd is counted`,
    async () => {
      const program = await compileAdversary();
      await withGround(async (ground) => {
        const result = await survey(hook, program, ground);
        assert.ok(result.cells.length > 40, `${result.cells.length} roads`);
        assert.equal(problems(result).join("\n"), "");
      });
    },
  );
}

/** A copy of /etc, which only the agent and the adversary see. */
async function withGround(work: (ground: Ground) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "coverage-" });
  try {
    await output(["cp", "-a", "/etc", folder]);
    const script = `mount --bind ${folder}/etc /etc; exec "$@"`;
    await work({
      wrap: ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh"],
      inside: (agent) => ["nsenter", "--mount", `--target=${agent.pid}`],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
