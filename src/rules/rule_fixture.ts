/** Rules for tests. @module */
import type { Rule } from "./rule.ts";
import type { RuleNames } from "./rule_names.ts";

/** A rule about execs without a condition, but for what is given. */
export function ruleOf(name: string, rest: Partial<Rule> = {}): Rule {
  return {
    name,
    on: ["exec"],
    conditions: [],
    severity: "medium",
    labels: {},
    technique: undefined,
    rate: undefined,
    emit: true,
    ...rest,
  };
}

/** Names of one set, whose rule n is bit n. */
export function namesOf(rules: readonly Rule[], number = 1): RuleNames {
  return {
    of: (set, low, high) =>
      rules.filter((_, bit) =>
        set === number && ((bit < 32 ? low : high) >>> (bit & 31) & 1) === 1
      ),
  };
}
