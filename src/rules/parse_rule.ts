/** Rules from a file's YAML, each thing that is wrong with its place. @module */
import { nearest } from "../words/nearest.ts";
import { quoted } from "../words/values.ts";
import type { Place, Problems } from "../documents/problems.ts";
import {
  kindOf,
  type ListNode,
  type MapNode,
  plain,
  type Tree,
  treeAt,
} from "../documents/tree.ts";
import { EVENT_KINDS } from "../events/kinds.ts";
import { FIELDS } from "./fields.ts";
import type { Condition, Field, Rule } from "./rule.ts";
import { type Issue, keysOf, type RawRule, readRule } from "./rule_schema.ts";

/** A rule, and what only its file tells of it. */
export interface ParsedRule {
  readonly rule: Rule;
  /** False: it was checked, and is left out. */
  readonly enabled: boolean;
  /** Where its name stands. */
  readonly place: Place;
  /** What it was read from, which has the place of each value. */
  readonly tree: MapNode;
}

/** The rules of a list; what is wrong is left out, and `problems` has it. */
export function parseRules(tree: Tree, problems: Problems): readonly ParsedRule[] {
  if (tree.kind !== "list") {
    // `rules:` with nothing below it.
    if (tree.kind === "text" && tree.text === "") return [];
    problems.add(tree.place, `"rules" takes a list of rules, not ${kindOf(tree)}`);
    return [];
  }
  return parseList(tree, problems);
}

function parseList({ items }: ListNode, problems: Problems): readonly ParsedRule[] {
  return items.flatMap((item) => {
    if (item.kind !== "map") {
      problems.add(item.place, `a rule is a map that begins with "name:", not ${kindOf(item)}`);
      return [];
    }
    checkConditions(item, problems);
    checkArguments(item, problems);
    checkLabels(item, problems);
    const raw = readRule(plain(item));
    if ("name" in raw) {
      const place = treeAt(item, ["name"]).place;
      return [{ rule: ruleOf(raw), enabled: raw.enabled, place, tree: item }];
    }
    for (const issue of raw) report(issue, item, problems);
    return [];
  });
}

function ruleOf(raw: RawRule): Rule {
  return {
    name: raw.name,
    on: EVENT_KINDS.filter((kind) => raw.on.includes(kind)),
    conditions: [...conditionsOf(raw, false), ...conditionsOf(raw.not ?? {}, true)],
    severity: raw.severity,
    labels: { ...raw.labels },
    technique: raw["threat.technique"],
    rate: raw.rate,
    emit: raw.emit,
  };
}

function conditionsOf(raw: NonNullable<RawRule["not"]>, negated: boolean): readonly Condition[] {
  return fieldNames.flatMap((field) => {
    const values = raw[field];
    // The type of the values is that of the field, which TypeScript cannot follow through a variable.
    return values === undefined ? [] : [{ field, negated, values } as Condition];
  });
}

const fieldNames = Object.keys(FIELDS) as readonly Field[];

/** Every kind of event that a rule is on has to have what its conditions ask for. */
function checkConditions(rule: MapNode, problems: Problems): void {
  const on = rule.entries.get("on")?.value;
  const kinds = EVENT_KINDS.filter((kind) => on !== undefined && textsOf(on).includes(kind));
  const not = rule.entries.get("not")?.value;
  for (const map of [rule, ...(not?.kind === "map" ? [not] : [])]) {
    for (const field of fieldNames) {
      const entry = map.entries.get(field);
      const without = kinds.find((kind) => !FIELDS[field].on.includes(kind));
      if (entry === undefined || without === undefined) continue;
      const known = FIELDS[field].on.join(" and ");
      problems.add(entry.place, `events of the kind ${without} have no "${field}"; ${known} have`);
    }
  }
}

/** An execution that failed has no arguments. */
function checkArguments(rule: MapNode, problems: Problems): void {
  const args = rule.entries.get("args");
  if (args === undefined || mayHaveSucceeded(rule)) return;
  problems.add(
    args.place,
    'an execution that failed has no "args", and this rule is about no other; take "args" or ' +
      '"outcome" away',
  );
}

/** Whether the outcomes that a rule is about have a success among them. */
function mayHaveSucceeded({ entries }: MapNode): boolean {
  const not = entries.get("not")?.value;
  const outcomes = (map: MapNode["entries"]) => {
    const outcome = map.get("outcome")?.value;
    return outcome === undefined ? [] : textsOf(outcome);
  };
  const [wanted, unwanted] = [outcomes(entries), not?.kind === "map" ? outcomes(not.entries) : []];
  const failureAlone = wanted.length > 0 && wanted.every((outcome) => outcome === "failure");
  return !failureAlone && !unwanted.includes("success");
}

function checkLabels(rule: MapNode, problems: Problems): void {
  const labels = rule.entries.get("labels")?.value;
  if (labels?.kind !== "map") return;
  for (const [name, { place }] of labels.entries) {
    if (/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(name)) continue;
    problems.add(
      place,
      `${
        quoted(name)
      } is no label; write a letter, then at most 63 letters, digits, "_", "-" and "."`,
    );
  }
}

function textsOf(tree: Tree): readonly string[] {
  if (tree.kind === "list") return tree.items.flatMap(textsOf);
  return tree.kind === "text" ? [tree.text] : [];
}

function report({ path, fault, message }: Issue, rule: MapNode, problems: Problems): void {
  const name = path.filter((step) => typeof step === "string").join(".");
  if (fault === "value") {
    const text = message === "is missing" ? `the rule has no "${name}"` : `${name}: ${message}`;
    problems.add(treeAt(rule, path).place, text);
    return;
  }
  const key = `${path.at(-1)}`;
  const map = treeAt(rule, path.slice(0, -1));
  const meant = nearest(key, keysOf(path[0] === "not" && path.length > 1 ? "not" : "rule"));
  const place = (map.kind === "map" ? map.entries.get(key)?.place : undefined) ?? map.place;
  const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
  problems.add(place, `there is no setting ${quoted(key)} in a rule${hint}`);
}
