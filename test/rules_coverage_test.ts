/** A rule about a file is evaded by none of the roads that lead to it and that the hook sees. @module */
import assert from "node:assert/strict";
import { withGround } from "./adversary/ground.ts";
import { surveyRules } from "./adversary/rule_survey.ts";
import { compileAdversary } from "./adversary/survey.ts";
import { kernelTest } from "./harness/kernel.ts";

/** Those that every kernel has which the agent runs on. */
const HOOKS = ["tp_btf", "raw_tp", "tracepoint"] as const;

for (const hook of HOOKS) {
  kernelTest(
    `rules match on every road that ${hook} sees, as their paths are written`,
    async () => {
      const program = await compileAdversary();
      await withGround(async (ground) => {
        const { resolved, problems } = await surveyRules(hook, program, ground);
        assert.equal(problems.join("\n"), "");
        assert.ok(resolved > 20, `${resolved} roads`);
      });
    },
  );
}
