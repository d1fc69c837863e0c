/** Nothing leads past the agent unannounced on this machine; the other kernels are in test/vm. @module */
import assert from "node:assert/strict";
import { withGround } from "./adversary/ground.ts";
import { assertNothingWrong, compileAdversary, survey } from "./adversary/survey.ts";
import { kernelTest } from "./harness/kernel.ts";

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
        assertNothingWrong(result);
      });
    },
  );
}
