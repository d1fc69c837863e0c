/** A `struct rule_set`: all of a set of rules that stands in no table. @module */
import { EVENT_KINDS } from "../events/kinds.ts";
import { RuleBits, RuleSet } from "../events/layout.gen.ts";
import {
  type Bits,
  type BitsBy,
  bothOf,
  type CompiledRules,
  FIELD_NUMBERS,
  FILE_FIELDS,
  type FileField,
  NO_BITS,
} from "./compile.ts";
import { nameBucket } from "./hash.ts";
import { ACCESSES, OUTCOMES } from "./rule.ts";
import { bytesOf, Struct } from "./struct.ts";
import { BUILTIN_NAMES } from "./encode.ts";
import { type FileName, goesByText, type Places, type WatchedName } from "./watched_names.ts";

export interface SetParts {
  readonly slot: number;
  readonly number: number;
  readonly places: Places;
  readonly watched: readonly WatchedName[];
}

/** Encodes it. */
export function encodeSet(compiled: CompiledRules, parts: SetParts): Uint8Array<ArrayBuffer> {
  const struct = new Struct(RuleSet.byteSize);
  struct.word(RuleSet.slot, parts.slot);
  struct.word(RuleSet.number, parts.number);
  EVENT_KINDS.forEach((kind, i) => struct.long(RuleSet.kinds + i * 8, compiled.kinds[kind]));
  putFields(struct, compiled);
  putFew(struct, compiled);
  for (const field of FILE_FIELDS) putTexts(struct, compiled, field, parts.places);
  putRates(struct, compiled);
  for (const { length, bucket } of names(compiled, parts.watched)) {
    struct.bit(RuleSet.nameLengths, length);
    struct.bytes[RuleSet.names + bucket] = 1;
  }
  return struct.bytes;
}

function putFields(struct: Struct, { indifferent }: CompiledRules): void {
  let fields = 0;
  for (const [field, { asked, rules }] of indifferent) {
    if (asked) fields |= 1 << FIELD_NUMBERS[field];
    struct.long(RuleSet.indifferent + FIELD_NUMBERS[field] * 8, rules);
  }
  struct.word(RuleSet.fields, fields);
}

/** Fields that have few values. */
function putFew(struct: Struct, { outcome, access, container }: CompiledRules): void {
  const put = (at: number, list: readonly Bits[]) =>
    list.forEach((bits, i) => struct.bits(at + i * RuleBits.byteSize, bits));
  put(RuleSet.outcome, OUTCOMES.map((value) => outcome[value]));
  put(RuleSet.access, ACCESSES.map((value) => access[value]));
  put(RuleSet.container, [container.no, container.yes]);
}

/** The rules that need a path as text. */
function putTexts(
  struct: Struct,
  { files }: CompiledRules,
  field: FileField,
  places: Places,
): void {
  const { prefix, suffix, exact } = files[field];
  const whole = new Map([...exact].filter(([path]) => goesByText(places, path)));
  const number = FIELD_NUMBERS[field];
  const tables = [
    [RuleSet.byPrefix, prefix],
    [RuleSet.bySuffix, suffix],
    [RuleSet.byWhole, whole],
  ] as const;
  const all = tables.map(([at, table]) => {
    const bits = bitsOfAll(table);
    struct.long(at + number * 8, bits.any | bits.none);
    return bits;
  });
  struct.bits(RuleSet.byText + number * RuleBits.byteSize, all.reduce(bothOf));
  for (const path of exact.keys()) struct.bit(RuleSet.pathLengths, bytesOf(path).length);
}

function bitsOfAll(table: BitsBy<string>): Bits {
  return [...table.values()].reduce(bothOf, NO_BITS);
}

function putRates(struct: Struct, { emit, rates }: CompiledRules): void {
  struct.long(RuleSet.emit, emit);
  let limited = 0n;
  rates.forEach((rate, rule) => {
    if (rate > 0) limited |= 1n << BigInt(rule);
    struct.word(RuleSet.rates + rule * 4, rate);
  });
  struct.long(RuleSet.limited, limited);
}

/** All that a name is first held against. */
function names(
  { files }: CompiledRules,
  watched: readonly WatchedName[],
): readonly Pick<FileName, "length" | "bucket">[] {
  const own = [...BUILTIN_NAMES.keys(), ...files.path.name.keys(), ...files.exe.name.keys()];
  return [
    ...own.map(bytesOf).map((name) => ({ length: name.length, bucket: nameBucket(name) })),
    ...watched.map(({ name }) => name),
  ];
}
