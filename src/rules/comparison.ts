/** Rules held against events of which somebody said what is to match. @module */
import type { Place } from "../documents/problems.ts";
import { formatPlace } from "../documents/problems.ts";
import type { Case } from "./cases.ts";
import { describeEvent, explainMatch, explainMismatch } from "./explain.ts";
import type { EventFacts } from "./facts.ts";
import { matches } from "./matcher.ts";
import type { Rule } from "./rule.ts";

/** An event at which the rules that match are not those that were to. */
export interface Difference {
  /** Where the event is from, and what is said of it. */
  readonly title: string;
  readonly event: EventFacts;
  readonly expected: readonly string[];
  readonly found: readonly string[];
}

/** Compares a case with the rules; undefined where they agree, or nobody said what is to match. */
export function compareCase(
  { place, text, event, expected }: Case,
  rules: readonly Rule[],
): Difference | undefined {
  const names = expected?.map(({ name }) => name);
  return names && compare(titleOf(place, text), event, names, rules);
}

/** Compares the rules that match an event with the names of those that are to. */
export function compare(
  title: string,
  event: EventFacts,
  expected: readonly string[],
  rules: readonly Rule[],
): Difference | undefined {
  const found = matches(rules, event);
  const same = found.length === new Set(expected).size &&
    found.every((name) => expected.includes(name));
  return same ? undefined : { title, event, expected, found };
}

/** A difference in lines for a person: the event, both lists, and the conditions that decide. */
export function describeDifference(
  { title, event, expected, found }: Difference,
  rules: readonly Rule[],
): readonly string[] {
  const of = (name: string) => rules.filter((rule) => rule.name === name);
  const missing = expected.filter((name) => !found.includes(name)).flatMap(of);
  const surplus = found.filter((name) => !expected.includes(name)).flatMap(of);
  return [
    title,
    `  event     ${describeEvent(event)}`,
    `  expected  ${listOf(expected)}`,
    `  found     ${listOf(found)}`,
    ...missing.flatMap((rule) => [
      `  ${rule.name} does not match:`,
      ...explainMismatch(rule, event).map((line) => `    ${line}`),
    ]),
    ...surplus.flatMap((rule) => [
      `  ${rule.name} matches:`,
      ...explainMatch(rule, event).map((line) => `    ${line}`),
    ]),
  ];
}

/** Names between commas; what there is none of is "nothing". */
export function listOf(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}

function titleOf(place: Place, text: string): string {
  return text === "" ? formatPlace(place) : `${formatPlace(place)}: ${text}`;
}
