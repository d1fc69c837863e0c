/** What `ebpf-agent test` tells of the events that a person wrote down. @module */
import { formatPlace } from "../documents/problems.ts";
import type { AgentError } from "../errors.ts";
import type { Case } from "./cases.ts";
import { compareCase, describeDifference, listOf } from "./comparison.ts";
import { describeEvent } from "./explain.ts";
import { matches } from "./matcher.ts";
import type { Rule } from "./rule.ts";

export interface Report {
  readonly lines: readonly string[];
  /** All that the rules were held against. */
  readonly events: number;
  /** Events of which it is known which rules are to match. */
  readonly compared: number;
  readonly differing: number;
  /** Why there are no more events, where that is wrong. */
  readonly fault?: AgentError;
}

/** Runs cases: those that differ at length, those of which nobody said what matches on one line. */
export function reportCases(cases: readonly Case[], rules: readonly Rule[]): Report {
  const expecting = cases.filter(({ expected }) => expected !== undefined);
  const differences = expecting.flatMap((one) => compareCase(one, rules) ?? []);
  const told = cases.filter(({ expected }) => expected === undefined).map(({ place, event }) =>
    `${formatPlace(place)}: ${describeEvent(event)} matches ${listOf(matches(rules, event))}`
  );
  return {
    lines: [
      ...differences.flatMap((difference) => [...describeDifference(difference, rules), ""]),
      ...told,
    ],
    events: cases.length,
    compared: expecting.length,
    differing: differences.length,
  };
}

/** All reports, with a line that sums them up. */
export function reportText(reports: readonly Report[], rules: number): string {
  const last = `${count(rules, "rule")}, ${outcomeOf(reports)}`;
  return [...reports.flatMap(({ lines }) => lines), last, ""].join("\n");
}

function outcomeOf(reports: readonly Report[]): string {
  const sum = (key: "events" | "compared" | "differing") =>
    reports.reduce((total, report) => total + report[key], 0);
  const [events, compared, differing] = [sum("events"), sum("compared"), sum("differing")];
  if (events === 0) return "no events: nothing to compare";
  if (compared === 0) {
    return `${count(events, "event")}, and nothing says what is to match: nothing to compare`;
  }
  const outcome = differing === 0 ? "all as expected" : `${differing} not as expected`;
  return `${count(compared, "event")} compared: ${outcome}`;
}

/** `1 rule`, `2 rules`. */
export function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}
