/** Whether a program's arguments are such as a rule asks for, which the kernel's side does not look at. @module */
import { judgeCondition } from "./matcher.ts";
import type { Field, Rule } from "./rule.ts";

/** The arguments of one exec, as far as they left the kernel. */
export interface DeliveredArgs {
  /** As `nameOf()` makes texts of them. */
  readonly args: readonly string[];
  /** False where some were cut, or all of them kept back. */
  readonly whole: boolean;
}

/** Whether all that a rule asks of the arguments certainly holds. */
export function confirmArgs(rule: Rule, { args, whole }: DeliveredArgs): boolean {
  const event = {
    on: "exec",
    outcome: "success",
    access: [],
    args,
    container: false,
    untold: new Set<Field>(whole ? [] : ["args"]),
  } as const;
  return rule.conditions.every((condition) =>
    condition.field !== "args" || judgeCondition(condition, event) === "holds"
  );
}
