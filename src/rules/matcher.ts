/**
 * What rules mean, in so many words: the reference that the kernel's side is compared with, and what
 * `ebpf-agent test` goes by.
 * @module
 */
import { CUT_HEAD, type EventFacts } from "./facts.ts";
import type { Condition, PathPattern, Rule } from "./rule.ts";

/** Unknown where the source of the event does not tell what a condition asks for. */
export type Verdict = "holds" | "fails" | "unknown";

/** What becomes of a rule at an event. */
export interface Judgement {
  readonly verdict: Verdict;
  /** False: the rule is about other kinds of event. */
  readonly onKind: boolean;
  /** The conditions that fail; where none does, those that are unknown. */
  readonly against: readonly Condition[];
}

/** The names of the rules that certainly match an event, in the order of the rules. */
export function matches(rules: readonly Rule[], event: EventFacts): readonly string[] {
  return rules.filter((rule) => judge(rule, event).verdict === "holds").map(({ name }) => name);
}

/** Whether a rule matches an event, and if not because of which conditions. */
export function judge(rule: Rule, event: EventFacts): Judgement {
  if (!rule.on.includes(event.on)) return { verdict: "fails", onKind: false, against: [] };
  const judged = rule.conditions.map((condition) => ({
    condition,
    verdict: judgeCondition(condition, event),
  }));
  const worst = (["fails", "unknown"] as const).find((bad) =>
    judged.some(({ verdict }) => verdict === bad)
  );
  const against = judged.filter(({ verdict }) => verdict === worst);
  return {
    verdict: worst ?? "holds",
    onKind: true,
    against: against.map(({ condition }) => condition),
  };
}

/** Whether a condition holds at an event of a kind that has it. */
export function judgeCondition(condition: Condition, event: EventFacts): Verdict {
  if (holdsForAny(condition, event)) return condition.negated ? "fails" : "holds";
  if (event.untold.has(condition.field)) return "unknown";
  return condition.negated ? "holds" : "fails";
}

/** Whether any of a condition's values is the event's, negated or not. */
function holdsForAny(condition: Condition, event: EventFacts): boolean {
  switch (condition.field) {
    case "path":
      return condition.values.some((pattern) => isAbout(pattern, event));
    case "exe":
      return condition.values.some((pattern) => isFile(pattern, exeOf(event)));
    case "comm":
      return condition.values.some((comm) => comm === event.comm);
    case "parent.comm":
      return condition.values.some((comm) => comm === event.parentComm);
    case "uid":
      return condition.values.some((uid) => uid === event.uid);
    case "access":
      return condition.values.some((access) => event.access.includes(access));
    case "outcome":
      return condition.values.some((outcome) => outcome === event.outcome);
    case "args":
      return condition.values.some((text) => event.args.some((arg) => arg.includes(text)));
    case "container":
      return condition.values.some((container) => container === event.container);
  }
}

/** Whether an event is about a file: one that was opened or executed, or that was only asked for. */
function isAbout(pattern: PathPattern, event: EventFacts): boolean {
  const { on, outcome, path, requested } = event;
  if (outcome === "failure") return isText(pattern, requested);
  return isFile(pattern, path) ||
    (on === "exec" && pattern.match === "name" && isText(pattern, requested));
}

/** The program of the process, which a successful exec has just changed. */
export function exeOf({ on, outcome, path, exe }: EventFacts): string | undefined {
  return on === "exec" && outcome === "success" ? path : exe;
}

/** Whether a pattern is that of a file, by its resolved path, or the name of one without a path. */
function isFile(pattern: PathPattern, path: string | undefined): boolean {
  if (path === undefined) return false;
  const whole = path.startsWith("/");
  switch (pattern.match) {
    case "exact":
      return path === pattern.text;
    case "prefix":
      return path.startsWith(pattern.text);
    case "suffix":
      return (whole || path.startsWith(CUT_HEAD)) && path.endsWith(pattern.text);
    case "name":
      // What has no path has a name with any characters in it.
      return pattern.text === (whole || path.startsWith(CUT_HEAD) ? baseName(path) : path);
  }
}

/** Whether a pattern is that of a path as somebody wrote it; a relative one has only a base name. */
function isText(pattern: PathPattern, path: string | undefined): boolean {
  if (path === undefined) return false;
  if (pattern.match === "name") return baseName(path) === pattern.text;
  return path.startsWith("/") && isFile(pattern, path);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
