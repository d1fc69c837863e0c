/** What `ebpf-agent test` tells of the events that a person wrote down. @module */
import { formatPlace } from "../documents/problems.ts";
import type { Case } from "./cases.ts";
import { compareCase, describeDifference, listOf } from "./comparison.ts";
import { describeEvent } from "./explain.ts";
import { matches } from "./matcher.ts";
import type { Rule } from "./rule.ts";

export interface Report {
  readonly lines: readonly string[];
  /** Events of which it is known which rules are to match. */
  readonly compared: number;
  readonly differing: number;
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
    compared: expecting.length,
    differing: differences.length,
  };
}

/** All reports, with a line that sums them up. */
export function reportText(reports: readonly Report[], rules: number): string {
  const sum = (key: "compared" | "differing") =>
    reports.reduce((total, report) => total + report[key], 0);
  const differing = sum("differing");
  const outcome = differing === 0 ? "all as expected" : `${differing} not as expected`;
  const last = `${count(rules, "rule")}, ${count(sum("compared"), "event")} compared: ${outcome}`;
  return [...reports.flatMap(({ lines }) => lines), last, ""].join("\n");
}

function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}
