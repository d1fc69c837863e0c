/** Rules as the kernel looks them up: for each value of each field the rules that name it. @module */
import { type PerKind, perKind } from "../events/kinds.ts";
import { RuleField } from "../events/layout.gen.ts";
import {
  type Access,
  ACCESSES,
  type ConditionValues,
  type Field,
  MOST_RULES,
  type Outcome,
  OUTCOMES,
  type PathPattern,
  type Rule,
} from "./rule.ts";

/** Rules by bit: those of which an alternative is met, and those of which a negated one is. */
export interface Bits {
  readonly any: bigint;
  readonly none: bigint;
}

/** What the rules name by one value of a field. */
export type BitsBy<Value> = ReadonlyMap<Value, Bits>;

/** The patterns of one of the two fields that are about files, by their texts. */
export type FilePatterns = Readonly<Record<PathPattern["match"], BitsBy<string>>>;

/** Rule n of the list is bit n everywhere. */
export interface CompiledRules {
  readonly rules: readonly Rule[];
  /** The rules about each kind of event. */
  readonly kinds: PerKind<bigint>;
  /** Of each field the rules with no positive condition about it, and whether any asks for it. */
  readonly indifferent: ReadonlyMap<KernelField, Indifferent>;
  readonly files: Readonly<Record<FileField, FilePatterns>>;
  readonly comms: BitsBy<string>;
  readonly parentComms: BitsBy<string>;
  readonly uids: BitsBy<number>;
  readonly access: Readonly<Record<Access, Bits>>;
  readonly outcome: Readonly<Record<Outcome, Bits>>;
  readonly container: { readonly no: Bits; readonly yes: Bits };
  /** Rules whose events are delivered. */
  readonly emit: bigint;
  /** Events a second, by rule; 0 where there is no limit. */
  readonly rates: readonly number[];
}

export interface Indifferent {
  readonly rules: bigint;
  readonly asked: boolean;
}

/** Arguments are looked at in user space, with what the kernel has let through. */
export type KernelField = Exclude<Field, "args">;

/** The fields that are about files. */
export type FileField = (typeof FILE_FIELDS)[number];
export const FILE_FIELDS = ["path", "exe"] as const satisfies readonly KernelField[];

/** Each field's number on the kernel's side. */
export const FIELD_NUMBERS = {
  path: RuleField.path,
  exe: RuleField.exe,
  comm: RuleField.comm,
  "parent.comm": RuleField.parentComm,
  uid: RuleField.uid,
  access: RuleField.access,
  outcome: RuleField.outcome,
  container: RuleField.container,
} as const satisfies Record<KernelField, number>;

export const NO_BITS: Bits = { any: 0n, none: 0n };

/** Whether a rule has a condition that only user space can decide. */
export function needsArguments({ conditions }: Rule): boolean {
  return conditions.some(({ field }) => field === "args");
}

/** Compiles at most {@link MOST_RULES} rules. */
export function compileRules(rules: readonly Rule[]): CompiledRules {
  if (rules.length > MOST_RULES) {
    throw new RangeError(`Cannot compile ${rules.length} rules: a mask has ${MOST_RULES} bits`);
  }
  const bitsOf = <Name extends Field>(field: Name) => collect(rules, field);
  const among = <Value>(bits: BitsBy<Value>, value: Value) => bits.get(value) ?? NO_BITS;
  const access = bitsOf("access");
  const outcome = bitsOf("outcome");
  const container = bitsOf("container");
  return {
    rules,
    kinds: perKind((kind) => maskOf(rules, ({ on }) => on.includes(kind))),
    indifferent: indifferentRules(rules),
    files: { path: filePatterns(bitsOf("path")), exe: filePatterns(bitsOf("exe")) },
    comms: bitsOf("comm"),
    parentComms: bitsOf("parent.comm"),
    uids: bitsOf("uid"),
    access: fromEntries(ACCESSES, (value) => among(access, value)),
    outcome: fromEntries(OUTCOMES, (value) => among(outcome, value)),
    container: { no: among(container, false), yes: among(container, true) },
    // What the kernel cannot decide alone, it has to let through.
    emit: maskOf(rules, (rule) => rule.emit || needsArguments(rule)),
    rates: rules.map((rule) => needsArguments(rule) ? 0 : rule.rate ?? 0),
  };
}

/** Both as one. */
export function bothOf(a: Bits, b: Bits): Bits {
  return { any: a.any | b.any, none: a.none | b.none };
}

function maskOf(rules: readonly Rule[], isChosen: (rule: Rule) => boolean): bigint {
  return rules.reduce((mask, rule, bit) => isChosen(rule) ? mask | 1n << BigInt(bit) : mask, 0n);
}

/** The rules that name each value of a field. */
function collect<Name extends Field>(rules: readonly Rule[], field: Name) {
  const found = new Map<ConditionValues[Name], Bits>();
  rules.forEach(({ conditions }, number) => {
    const bit = 1n << BigInt(number);
    for (const condition of conditions) {
      if (condition.field !== field) continue;
      const added = condition.negated ? { any: 0n, none: bit } : { any: bit, none: 0n };
      for (const value of condition.values as readonly ConditionValues[Name][]) {
        found.set(value, bothOf(found.get(value) ?? NO_BITS, added));
      }
    }
  });
  return found;
}

function indifferentRules(rules: readonly Rule[]): ReadonlyMap<KernelField, Indifferent> {
  const asked = new Set(rules.flatMap(({ conditions }) => conditions.map(({ field }) => field)));
  const isNamed = ({ conditions }: Rule, name: Field) =>
    conditions.some(({ field, negated }) => field === name && !negated);
  return new Map(
    KERNEL_FIELDS.map((field) => [
      field,
      { asked: asked.has(field), rules: maskOf(rules, (rule) => !isNamed(rule, field)) },
    ]),
  );
}

const KERNEL_FIELDS = Object.keys(FIELD_NUMBERS) as readonly KernelField[];

/** By text. Of prefixes and suffixes the longest is found alone, so it has the shorter ones' bits. */
function filePatterns(patterns: BitsBy<PathPattern>): FilePatterns {
  const texts = { exact: new Map(), prefix: new Map(), suffix: new Map(), name: new Map() };
  for (const [{ match, text }, bits] of patterns) {
    texts[match].set(text, bothOf(texts[match].get(text) ?? NO_BITS, bits));
  }
  return {
    ...texts,
    prefix: withShorter(texts.prefix, (longer, shorter) => longer.startsWith(shorter)),
    suffix: withShorter(texts.suffix, (longer, shorter) => longer.endsWith(shorter)),
  };
}

function withShorter(
  texts: BitsBy<string>,
  contains: (longer: string, shorter: string) => boolean,
): BitsBy<string> {
  const all = [...texts];
  return new Map(all.map(([text]) => [
    text,
    all.filter(([other]) => contains(text, other)).map(([, bits]) => bits).reduce(bothOf),
  ]));
}

function fromEntries<Key extends string, Value>(
  keys: readonly Key[],
  valueOf: (key: Key) => Value,
): Readonly<Record<Key, Value>> {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<Key, Value>;
}
