/** Each hook of opens in turn tells of every road, or announces that it does not. @module */
import assert from "node:assert/strict";
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import { cellLine, chosenLine } from "../../adversary/cells.ts";
import { chosenHook, problems, survey } from "../../adversary/survey.ts";
import { GUEST } from "../initrd.ts";
import { ownGround } from "./ground.ts";
import type { Check } from "./tap.ts";

export function coverageChecks(): readonly Check[] {
  return [
    { name: "a hook is chosen for opens", run: async () => chosenLine(await chosenHook()) },
    ...CATALOGUE.open.map(({ name }) => ({
      name: `no road leads past ${name} unannounced`,
      run: () => surveyHook(name),
    })),
  ];
}

async function surveyHook(hook: string): Promise<string> {
  const result = await survey(hook, GUEST.adversary, await ownGround());
  assert.equal(problems(result).join("\n"), "");
  return result.cells.map((cell) => cellLine({ ...cell, hook })).join("\n");
}
