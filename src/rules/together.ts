/** What no rule can tell alone: whether all rules that are in use together can be. @module */
import { formatPlace, type Place, type Problems } from "../documents/problems.ts";
import { treeAt } from "../documents/tree.ts";
import { RULE_ENTRIES } from "../events/layout.gen.ts";
import { quoted } from "../words/values.ts";
import type { ParsedRule } from "./parse_rule.ts";
import { type Condition, MOST_RULES, type PathPattern } from "./rule.ts";
import { BUILTIN_PATHS } from "./watched_names.ts";

/** Tells of names that stand twice, and of what the kernel's side has no room for. */
export function checkTogether(rules: readonly ParsedRule[], problems: Problems): void {
  refuseRepeatedNames(rules, problems);
  const enabled = rules.filter((rule) => rule.enabled);
  const tooMany = enabled[MOST_RULES];
  if (tooMany !== undefined) {
    problems.add(
      tooMany.place,
      `with this rule more than ${MOST_RULES} are enabled; disable some by "enabled: false"`,
    );
  }
  refuseTooManyValues(enabled, problems);
}

/** Values that share a table of the kernel's side: those of `path` and `exe`, and of both names. */
type ValueKind = PathPattern["match"] | "comm" | "uid";

/** How many different values of a kind all rules can have, and what to write instead of more. */
export const VALUE_LIMITS = {
  exact: {
    // The tables of watched files have the agent's own among them.
    most: RULE_ENTRIES - BUILTIN_PATHS.size,
    what: "exact paths",
    remedy: "write /folder/** for many in one folder",
  },
  prefix: {
    most: RULE_ENTRIES,
    what: "folders (/folder/**)",
    remedy: "write one folder that several of them are in",
  },
  suffix: {
    most: RULE_ENTRIES,
    what: "endings",
    remedy: "write one ending that several of them share",
  },
  name: {
    most: RULE_ENTRIES,
    what: "base names",
    remedy: "write /folder/** for many in one folder, or *ending for many that end alike",
  },
  comm: {
    most: RULE_ENTRIES,
    what: "names of tasks",
    remedy: 'write "exe" with /folder/** for the programs of one folder',
  },
  uid: {
    most: RULE_ENTRIES,
    what: "users",
    remedy: 'name all others, with "not" or without, where these are fewer',
  },
} as const satisfies Readonly<
  Record<
    ValueKind,
    { readonly most: number; readonly what: string; readonly remedy: string }
  >
>;

function refuseRepeatedNames(rules: readonly ParsedRule[], problems: Problems): void {
  const firsts = new Map<string, Place>();
  for (const { rule: { name }, place } of rules) {
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, place);
    else {
      const where = formatPlace(first);
      problems.add(place, `name: ${quoted(name)} is the name of another rule, at ${where}`);
    }
  }
}

/** A value of a rule, as far as a table of the kernel's side tells it from others. */
interface NamedValue {
  readonly kind: ValueKind;
  /** The same for the same entry. */
  readonly entry: string;
  /** As a user knows it: `not.comm`. */
  readonly field: string;
  readonly place: Place;
}

function refuseTooManyValues(rules: readonly ParsedRule[], problems: Problems): void {
  const entries = new Map<string, NamedValue>();
  for (const value of rules.flatMap(namedValues)) {
    if (!entries.has(value.entry)) entries.set(value.entry, value);
  }
  const byKind = Map.groupBy(entries.values(), ({ kind }) => kind);
  for (const [kind, values] of byKind) {
    const { most, what, remedy } = VALUE_LIMITS[kind];
    const surplus = values[most];
    if (surplus === undefined) continue;
    problems.add(
      surplus.place,
      `${surplus.field}: from this value on there are too many: all rules together have ` +
        `${values.length} ${what}, and can have ${most}; use fewer, or ${remedy}`,
    );
  }
}

function namedValues({ rule, tree }: ParsedRule): readonly NamedValue[] {
  return rule.conditions.flatMap((condition) => {
    const path = condition.negated ? ["not", condition.field] : [condition.field];
    return entriesOf(condition).map(({ kind, text }, index) => ({
      kind,
      entry: `${condition.field} ${kind} ${text}`,
      field: path.join("."),
      place: treeAt(tree, [...path, index]).place,
    }));
  });
}

/** What each value of a condition takes a place for; of those with few values none does. */
function entriesOf(
  condition: Condition,
): readonly { readonly kind: ValueKind; readonly text: string }[] {
  switch (condition.field) {
    case "path":
    case "exe":
      return condition.values.map(({ match, text }) => ({ kind: match, text }));
    case "comm":
    case "parent.comm":
      return condition.values.map((text) => ({ kind: "comm", text }));
    case "uid":
      return condition.values.map((uid) => ({ kind: "uid", text: `${uid}` }));
    default:
      return [];
  }
}
