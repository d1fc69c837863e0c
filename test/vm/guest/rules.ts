/** Rules about a file match on every road that the hook sees which the agent chooses here. @module */
import assert from "node:assert/strict";
import { surveyRules } from "../../adversary/rule_survey.ts";
import { GUEST } from "../initrd.ts";
import { chosenHook } from "./conditions.ts";
import { ownGround } from "./ground.ts";
import type { Check } from "./tap.ts";

export function ruleChecks(): readonly Check[] {
  return [{
    name: "rules about a file match on every road that the chosen hook sees",
    run: async () => {
      const ground = await ownGround();
      const { problems } = await surveyRules(await chosenHook(), GUEST.adversary, ground);
      assert.equal(problems.join("\n"), "");
    },
  }];
}
