/** Rules match the same by every hook that tells of opens, on every road that it sees. @module */
import assert from "node:assert/strict";
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import { assertOpenRules } from "../../harness/rule_deeds.ts";
import { surveyRules } from "../../adversary/rule_survey.ts";
import { GUEST } from "../initrd.ts";
import { ownGround } from "./ground.ts";
import type { Check } from "./tap.ts";

/** Two checks for each hook. */
export function ruleChecks(): readonly Check[] {
  return CATALOGUE.open.flatMap(({ name }) => [
    {
      name: `rules about opens match exactly what their conditions say, by ${name}`,
      run: () => assertOpenRules([`--probe.open=${name}`]),
    },
    { name: `rules match on every road that ${name} sees`, run: () => surveyHook(name) },
  ]);
}

async function surveyHook(hook: string): Promise<void> {
  const { problems } = await surveyRules(hook, GUEST.adversary, await ownGround());
  assert.equal(problems.join("\n"), "");
}
