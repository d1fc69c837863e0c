/** Whether the JSON in a recording has its form: anybody can write a checksum to what has not. @module */
import { MOST_RULES } from "../rules/rule.ts";
import type { End, Head, Note, RuleSetNames } from "./format.ts";

/** Who wrote a recording, which is told in the same form whatever its version. */
export type Writer = Pick<Head, "version" | "layout" | "agent">;

type Is<T> = (value: unknown) => value is T;

export function isWriter(value: unknown): value is Writer {
  return isObject(value) && isCount(value.version) && isText(value.layout) && isText(value.agent);
}

export function isHead(value: unknown): value is Head {
  return isWriter(value) && isNote(value) && value.clock !== undefined &&
    value.rules !== undefined && "kernel" in value && isText(value.kernel) &&
    "architecture" in value && isText(value.architecture);
}

export function isNote(value: unknown): value is Note {
  return isObject(value) && (value.clock === undefined || isClock(value.clock)) &&
    (value.rules === undefined || isListOf(value.rules, isRuleSet));
}

export function isEnd(value: unknown): value is End {
  return isObject(value) && isCount(value.records);
}

/** Some 139,000 years, of which a Date has twice as many. */
const MOST_SECONDS = 2 ** 42;
const BILLION = 1_000_000_000;

function isClock(value: unknown): value is Head["clock"] {
  return isObject(value) && Number.isInteger(value.seconds) &&
    Math.abs(Number(value.seconds)) <= MOST_SECONDS &&
    isCount(value.nanoseconds) && value.nanoseconds < BILLION;
}

function isRuleSet(value: unknown): value is RuleSetNames {
  return isObject(value) && isCount(value.set) && isListOf(value.names, isText) &&
    value.names.length <= MOST_RULES;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isListOf<T>(value: unknown, is: Is<T>): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
