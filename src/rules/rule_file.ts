/** Rule files as `ebpf-agent test` takes them: rules, and tests of them. @module */
import { nearest } from "../words/nearest.ts";
import { quoted } from "../words/values.ts";
import type { Problems } from "../documents/problems.ts";
import { type FileBytes, readTree } from "../documents/read_tree.ts";
import { kindOf, type Tree, unknownKeys } from "../documents/tree.ts";
import { type Case, parseCases } from "./cases.ts";
import { parseRules } from "./parse_rule.ts";
import type { Rule } from "./rule.ts";
import { checkTogether } from "./together.ts";

export interface RuleFile {
  readonly name: string;
  /** All of them: one that is not enabled is tested too. */
  readonly rules: readonly Rule[];
  /** Of these rules, not of those of another file. */
  readonly cases: readonly Case[];
}

/** Reads rule files; what is wrong is left out, and `problems` has it. */
export function parseRuleFiles(
  files: readonly FileBytes[],
  problems: Problems,
): readonly RuleFile[] {
  const parsed = files.map((file) => parseRuleFile(file, problems));
  checkTogether(parsed.flatMap(({ rules }) => rules), problems);
  return parsed.map(({ name, rules, cases }) => {
    const own = rules.map(({ rule }) => rule);
    refuseUnknownRules(cases, own, problems);
    return { name, rules: own, cases };
  });
}

/** Reads a file of events: a list of tests, alone or under `tests`. */
export function parseEventFile(file: FileBytes, problems: Problems): readonly Case[] {
  const tree = readTree(file, problems);
  if (tree === undefined) return [];
  const list = tree.kind === "map" ? sectionsOf(tree, ["tests"], problems).get("tests") : tree;
  return list === undefined ? [] : parseCases(list, problems);
}

/** Every rule that a case names has to be one that there is. */
export function refuseUnknownRules(
  cases: readonly Case[],
  rules: readonly Rule[],
  problems: Problems,
): void {
  const names = rules.map(({ name }) => name);
  for (const { name, place } of cases.flatMap(({ expected = [] }) => expected)) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    problems.add(place, `there is no rule ${quoted(name)} here${hint}`);
  }
}

function parseRuleFile(file: FileBytes, problems: Problems) {
  const tree = readTree(file, problems);
  const sections = tree && sectionsOf(tree, ["rules", "tests"], problems);
  const rules = sections?.get("rules");
  const tests = sections?.get("tests");
  return {
    name: file.name,
    rules: rules === undefined ? [] : parseRules(rules, problems),
    cases: tests === undefined ? [] : parseCases(tests, problems),
  };
}

function sectionsOf(
  tree: Tree,
  known: readonly string[],
  problems: Problems,
): ReadonlyMap<string, Tree> {
  if (tree.kind !== "map") {
    problems.add(tree.place, `the file is a map with ${known.join(" and ")}, not ${kindOf(tree)}`);
    return new Map();
  }
  for (const { key, place, meant } of unknownKeys(tree, known)) {
    const hint = meant === undefined ? `it has ${known.join(" and ")}` : `did you mean "${meant}"?`;
    problems.add(place, `there is no ${quoted(key)} in this file; ${hint}`);
  }
  return new Map([...tree.entries].map(([key, { value }]) => [key, value]));
}
