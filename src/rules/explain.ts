/** Why a rule does not match an event, in words. @module */
import { shownName } from "./names.ts";
import type { EventFacts } from "./facts.ts";
import { exeOf, judge } from "./matcher.ts";
import type { Condition, Field, PathPattern, Rule } from "./rule.ts";

/** An event on one line: `open /etc/shadow by cat, uid 0, access read`. */
export function describeEvent(event: EventFacts): string {
  const { on, outcome, comm } = event;
  const path = event.path ?? event.requested;
  const what = [
    outcome === "failure" ? `failed ${on}` : on,
    ...(path === undefined ? [] : [shownName(path)]),
    ...(comm === undefined ? [] : [`by ${shownName(comm)}`]),
  ].join(" ");
  const more = SHOWN.flatMap((field) => {
    const values = valuesOf(field, event);
    return values.length === 0 ? [] : [`${field} ${values.join(", ")}`];
  });
  return [what, ...more].join("; ");
}

/** For each condition that keeps the rule from matching what the event has instead; a line each. */
export function explainMismatch(rule: Rule, event: EventFacts): readonly string[] {
  const { onKind, verdict, against } = judge(rule, event);
  if (!onKind) return [`on: it is ${event.on}, the rule is about ${list(rule.on)}`];
  return against.map((condition) =>
    verdict === "unknown"
      ? `${keyOf(condition)}: the event does not tell`
      : explainCondition(condition, event)
  );
}

/** Each condition of a rule that matches, with what the event has; a line each. */
export function explainMatch(rule: Rule, event: EventFacts): readonly string[] {
  if (rule.conditions.length === 0) return [`on: it is ${event.on}, and there are no conditions`];
  return rule.conditions.map((condition) => explainCondition(condition, event));
}

/** How a pattern is written in a rule. */
function patternText({ match, text }: PathPattern): string {
  if (match === "prefix") return `${text}**`;
  return match === "suffix" ? `*${text}` : text;
}

const SHOWN: readonly Field[] = [
  "exe",
  "parent.comm",
  "uid",
  "access",
  "args",
  "container",
];

function explainCondition(condition: Condition, event: EventFacts): string {
  const has = valuesOf(condition.field, event);
  const found = has.length === 0 ? "there is none" : `it is ${has.join(", ")}`;
  return `${keyOf(condition)}: ${found}, the rule names ${list(wanted(condition))}`;
}

function keyOf({ field, negated }: Condition): string {
  return negated ? `not ${field}` : field;
}

function wanted(condition: Condition): readonly string[] {
  switch (condition.field) {
    case "path":
    case "exe":
      return condition.values.map(patternText);
    case "container":
      return condition.values.map(yesOrNo);
    default:
      return condition.values.map(String);
  }
}

/** What an event has of a field, as it is shown. */
function valuesOf(field: Field, event: EventFacts): readonly string[] {
  switch (field) {
    case "path":
      return pathsOf(event);
    case "exe":
      return shown([exeOf(event)]);
    case "comm":
      return shown([event.comm]);
    case "parent.comm":
      return shown([event.parentComm]);
    case "uid":
      return event.uid === undefined ? [] : [String(event.uid)];
    case "access":
      return event.access;
    case "outcome":
      return [event.outcome];
    case "args":
      return event.args.map((arg) => shownName(JSON.stringify(arg)));
    case "container":
      return [yesOrNo(event.container)];
  }
}

/** The paths that a condition is held against: what was asked for counts where nothing was found. */
function pathsOf({ on, outcome, path, requested }: EventFacts): readonly string[] {
  if (outcome === "failure") return shown([requested]);
  return on === "exec" && requested !== path ? shown([path, requested]) : shown([path]);
}

function shown(names: readonly (string | undefined)[]): readonly string[] {
  return names.flatMap((name) => name === undefined ? [] : [shownName(name)]);
}

function yesOrNo(value: boolean): string {
  return value ? "yes" : "no";
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
