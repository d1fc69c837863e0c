/** The rule pack: its own tests hold, and there is one for each side of every rule. @module */
import assert from "node:assert/strict";
import { Problems } from "../src/documents/problems.ts";
import { judge } from "../src/rules/matcher.ts";
import { parseRuleFiles } from "../src/rules/rule_file.ts";
import { runAgent } from "./harness/agent.ts";
import { checkout } from "./harness/checkout.ts";

const FOLDER = `${checkout}/rules`;
const NAMES = [...Deno.readDirSync(FOLDER)].map(({ name }) => `${FOLDER}/${name}`).sort();

Deno.test("the rule pack matches what its tests say", async () => {
  const { code, stdout, stderr } = await runAgent(["test", ...NAMES]);
  assert.deepEqual([code, stderr], [0, ""], stdout);
  assert.match(stdout, /^\d+ rules, \d+ events compared: all as expected\n$/);
});

Deno.test("every rule of the pack has a test that it matches, and one that it misses by one condition", () => {
  const problems = new Problems();
  const files = parseRuleFiles(
    NAMES.map((name) => ({ name, bytes: Deno.readFileSync(name) })),
    problems,
  );
  assert.deepEqual(problems.lines(), []);
  for (const { rules, cases } of files) {
    for (const rule of rules) {
      const judged = cases.map(({ event }) => judge(rule, event));
      assert.ok(judged.some(({ verdict }) => verdict === "holds"), `${rule.name} matches nothing`);
      const misses = judged.filter(({ onKind, against }) => onKind && against.length === 1);
      assert.ok(misses.length > 0, `${rule.name} has no near miss`);
      assert.ok(rule.technique !== undefined, `${rule.name} has no technique`);
    }
  }
});
