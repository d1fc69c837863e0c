/** The shape of a rule; the only importer of the validation library. @module */
import * as v from "@badrap/valita";
import { parseChoice, parseSwitch, parseWholeNumber, quoted, ValueError } from "../words/values.ts";
import { EVENT_KINDS } from "../events/kinds.ts";
import { FIELDS } from "./fields.ts";
import { type ConditionValues, type Field, SEVERITIES } from "./rule.ts";

/** Conditions by field; the same again below `not`. */
const CONDITIONS = {
  path: valuesOf("path"),
  exe: valuesOf("exe"),
  comm: valuesOf("comm"),
  "parent.comm": valuesOf("parent.comm"),
  uid: valuesOf("uid"),
  access: valuesOf("access"),
  outcome: valuesOf("outcome"),
  args: valuesOf("args"),
  container: valuesOf("container"),
} as const satisfies Record<Field, unknown>;

const NOT = v.object(CONDITIONS);

const RULE = v.object({
  name: one(parseName),
  on: several((text) => parseChoice(text, EVENT_KINDS)),
  ...CONDITIONS,
  not: NOT.optional(),
  severity: one((text) => parseChoice(text, SEVERITIES)).optional(() => "medium" as const),
  labels: v.record(one(parseLabel)).optional(() => ({})),
  "threat.technique": one(parseTechnique).optional(),
  rate: one((text) => parseWholeNumber(text, RATES)).optional(),
  emit: one(parseSwitch).optional(() => true),
  enabled: one(parseSwitch).optional(() => true),
});

/** A rule whose parts are right each for itself. */
export type RawRule = v.Infer<typeof RULE>;

/** What is wrong with a part of a rule. */
export interface Issue {
  /** Keys and indices that lead to it; the last one is itself the fault where there is no such key. */
  readonly path: readonly (string | number)[];
  readonly fault: "unknown key" | "value";
  readonly message: string;
}

/** The parts of a rule from a value without places; or all that is wrong with them. */
export function readRule(value: unknown): RawRule | readonly Issue[] {
  const result = RULE.try(value);
  return result.ok ? result.value : result.issues.flatMap(describe);
}

/** The keys that a rule may have; below `not`, those of conditions. */
export function keysOf(part: "rule" | "not"): readonly string[] {
  return Object.keys((part === "rule" ? RULE : NOT).shape);
}

const RATES = { what: "a rate", least: 1, most: 1_000_000 } as const;
const LONGEST_NAME = 64;
const LONGEST_LABEL = 256;
const LIST_EMPTY = "the list is empty; give a value, or leave it out";

function describe(issue: v.Err["issues"][number]): readonly Issue[] {
  const { path } = issue;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], fault: "unknown key", message: "" }));
    case "missing_value":
      return [{ path, fault: "value", message: "is missing" }];
    case "invalid_type":
      return [{ path, fault: "value", message: "takes a map, with a line for each of its keys" }];
    default:
      return [{ path, fault: "value", message: "message" in issue ? issue.message ?? "" : "" }];
  }
}

function valuesOf<Name extends Field>(name: Name) {
  const { parse } = FIELDS[name];
  return several<ConditionValues[Name]>(parse).optional();
}

/** One value, from its text. */
function one<T>(parse: (text: string) => T): v.Type<T> {
  return v.unknown().chain((value): v.ValitaResult<T> => {
    if (typeof value !== "string") return v.err("takes one value, and no list or map");
    if (value === "") return v.err("the value is empty; give one, or leave it out");
    try {
      return v.ok(parse(value));
    } catch (error) {
      if (error instanceof ValueError) return v.err(error.message);
      throw error;
    }
  });
}

/** A list, or one value for a list of one. */
function several<T>(parse: (text: string) => T): v.Type<readonly T[]> {
  const list = v.array(one(parse));
  return v.unknown().chain((value): v.ValitaResult<readonly T[]> => {
    if (!Array.isArray(value)) return list.try([value]);
    return value.length === 0 ? v.err(LIST_EMPTY) : list.try(value);
  });
}

function parseName(text: string): string {
  if (/^[a-z0-9_-]+$/.test(text) && text.length <= LONGEST_NAME) return text;
  throw new ValueError(
    `${
      quoted(text)
    } is no name; write at most ${LONGEST_NAME} lower-case letters, digits, "-" and "_"`,
  );
}

function parseTechnique(text: string): string {
  if (/^T\d{4}(\.\d{3})?$/.test(text)) return text;
  throw new ValueError(`${quoted(text)} is no technique of ATT&CK; write it as T1003 or T1003.008`);
}

function parseLabel(text: string): string {
  if (text.length <= LONGEST_LABEL) return text;
  throw new ValueError(`${quoted(text)} is longer than ${LONGEST_LABEL} characters`);
}
