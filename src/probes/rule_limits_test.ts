/** Rules that are not matched in the kernel are named, each time that others are. @module */
import assert from "node:assert/strict";
import { perKind } from "../events/kinds.ts";
import { createLog } from "../log.ts";
import type { Condition } from "../rules/rule.ts";
import { ruleOf } from "../rules/rule_fixture.ts";
import { limitsOfRules, reportRuleLimits } from "./rule_limits.ts";

const ARGS: Condition = { field: "args", negated: true, values: ["--token"] };
const WATCHED = perKind(() => ({ state: "attached" }) as const);
const WITHOUT_OPENS = { ...WATCHED, open: { state: "missing" } } as const;
const RULES = [
  ruleOf("plain"),
  ruleOf("secret", { conditions: [ARGS] }),
  ruleOf("opens", { on: ["open"] }),
  ruleOf("both", { on: ["exec", "open"] }),
];

Deno.test("limitsOfRules() names the rules that ask for args", () => {
  const [limit, ...more] = limitsOfRules(RULES, WATCHED);
  assert.deepEqual([limit?.level, limit?.rules, more], ["info", ["secret"], []]);
});

Deno.test("limitsOfRules() names the rules on each kind of event that is not watched", () => {
  const limits = limitsOfRules(RULES, WITHOUT_OPENS).filter(({ level }) => level === "warn");
  assert.deepEqual(limits.map(({ rules }) => rules), [["opens", "both"]]);
  assert.match(limits[0]?.message ?? "", /rules on open:/);
});

Deno.test("limitsOfRules() has nothing to say where the kernel matches all", () => {
  assert.deepEqual(limitsOfRules([ruleOf("plain")], WITHOUT_OPENS), []);
});

Deno.test("reportRuleLimits() says of rules that take over what was not said before", () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line.replace(/:.*rules=/, " "));
  const log = createLog({ level: "info", format: "journal", write });
  const before = limitsOfRules(RULES, WITHOUT_OPENS);
  reportRuleLimits(before, log);
  assert.deepEqual(lines.splice(0), [
    "<6>Matching args of rules in user space secret",
    "<4>Not matching rules on open opens,both",
  ]);
  reportRuleLimits(limitsOfRules(RULES.slice(0, 3), WITHOUT_OPENS), log, before);
  assert.deepEqual(lines, ["<4>Not matching rules on open opens"]);
});
