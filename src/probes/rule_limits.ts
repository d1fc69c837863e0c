/** What keeps rules from being matched in the kernel on this machine, for the log. @module */
import { EVENT_KINDS, type PerKind } from "../events/kinds.ts";
import type { Log } from "../log.ts";
import { needsArguments } from "../rules/compile.ts";
import type { Rule } from "../rules/rule.ts";
import type { ProbeState } from "./probes.ts";

/** Something that is so for some rules. */
export interface RuleLimit {
  /** A warning is about what cannot be matched. */
  readonly level: "info" | "warn";
  readonly message: string;
  /** Names of the rules, in their order. */
  readonly rules: readonly string[];
}

/** What is not matched in the kernel, or not at all, each case once. */
export function limitsOfRules(
  rules: readonly Rule[],
  states: PerKind<Pick<ProbeState, "state">>,
): readonly RuleLimit[] {
  const unwatched = EVENT_KINDS.filter((event) => states[event].state === "missing");
  const limits: readonly RuleLimit[] = [
    {
      level: "info",
      message: "Matching args of rules in user space: of events that are lost they count none",
      rules: namesOf(rules, needsArguments),
    },
    ...unwatched.map((event): RuleLimit => ({
      level: "warn",
      message: `Not matching rules on ${event}: these events are not watched`,
      rules: namesOf(rules, ({ on }) => on.includes(event)),
    })),
  ];
  return limits.filter((limit) => limit.rules.length > 0);
}

/** Says what limits rules; of those that take the place of others what was not said of these. */
export function reportRuleLimits(
  limits: readonly RuleLimit[],
  log: Log,
  before: readonly RuleLimit[] = [],
): void {
  const said = new Set(before.map((limit) => JSON.stringify(limit)));
  for (const limit of limits) {
    if (said.has(JSON.stringify(limit))) continue;
    log[limit.level](limit.message, { rules: limit.rules.join(",") });
  }
}

function namesOf(rules: readonly Rule[], isLimited: (rule: Rule) => boolean): readonly string[] {
  return rules.filter(isLimited).map(({ name }) => name);
}
