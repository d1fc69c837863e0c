/** Compiled rules as the bytes of the kernel's tables, for one of its two slots. @module */
import { type AgentError, usageError } from "../errors.ts";
import {
  Builtin,
  FileIdentity,
  PREFIX_SIZE,
  RULE_ENTRIES,
  RuleBits,
  RuleCommKey,
  RuleNameBits,
  RuleNameKey,
  RulePathBits,
  RulePathKey,
  RulePrefixKey,
  RuleSuffixKey,
  RuleUidKey,
  SUFFIX_SIZE,
  Watched,
  WatchedNameKey,
} from "../events/layout.gen.ts";
import {
  type Bits,
  type CompiledRules,
  FIELD_NUMBERS,
  FILE_FIELDS,
  type FileField,
  NO_BITS,
} from "./compile.ts";
import { encodeSet } from "./encode_set.ts";
import { hashBytes, type HashKey } from "./hash.ts";
import { bytesOf, Struct } from "./struct.ts";
import {
  type FileName,
  goesByText,
  keyOf,
  type Places,
  type WatchedName,
  watchedNames,
} from "./watched_names.ts";

/** A key and its value. */
export interface Entry {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly value: Uint8Array<ArrayBuffer>;
}

/** The tables whose entries user space writes. */
export const TABLES = [
  "rule_names",
  "rule_paths",
  "rule_comms",
  "rule_uids",
  "rule_prefixes",
  "rule_suffixes",
  "watched_names",
] as const;
export type TableName = (typeof TABLES)[number];

/** What one slot is to hold. */
export interface EncodedRules {
  /** A `struct rule_set`. */
  readonly set: Uint8Array<ArrayBuffer>;
  readonly tables: Readonly<Record<TableName, readonly Entry[]>>;
  /** A `struct watched` for each name that is watched, in the order of the slot's indexes. */
  readonly watched: readonly Uint8Array<ArrayBuffer>[];
  /** Under which index of `watched` the file of an exact path is to be learned. */
  readonly learned: ReadonlyMap<string, number>;
}

export interface EncodeOptions {
  readonly slot: number;
  /** Of the set; counts up. */
  readonly number: number;
  readonly hashKey: HashKey;
  readonly places: Places;
}

/** Counted whatever the rules say; the rest of the agent knows it by its own name. */
export const BUILTIN_NAMES: ReadonlyMap<string, number> = new Map([["sudo", Builtin.sudo]]);

/** What the table of names has to have room for: as the others, and what is counted in any case. */
export const NAME_ENTRIES = 2 * (RULE_ENTRIES + BUILTIN_NAMES.size);

/**
 * Encodes a slot. Throws a usage error where exact paths lead to more names than can be watched: that
 * depends on the links and mounts that there are, and all else was found to have room when it was read.
 */
export function encodeRules(compiled: CompiledRules, options: EncodeOptions): EncodedRules {
  const watched = watchedNames(compiled, options.places);
  if (watched.length > RULE_ENTRIES) throw tooManyWatched(watched.length);
  const tables = {
    rule_names: nameEntries(compiled, options),
    rule_paths: pathEntries(compiled, options),
    rule_comms: commEntries(compiled, options),
    rule_uids: [...compiled.uids].map(([uid, bits]) => uidEntry(options.slot, uid, bits)),
    rule_prefixes: textEntries(compiled, options, "prefix"),
    rule_suffixes: textEntries(compiled, options, "suffix"),
    watched_names: watched.map(({ name }, n) => watchedNameEntry(options.slot, name, n)),
  };
  return {
    set: encodeSet(compiled, { ...options, watched }),
    tables,
    watched: watched.map(watchedBytes),
    learned: learnedIndexes(options, watched),
  };
}

function tooManyWatched(count: number): AgentError {
  return usageError(
    `Cannot load the rules: their exact paths lead to ${count} files, and ${RULE_ENTRIES} can be ` +
      "watched; a path by a link or to a mount leads to two. Use fewer, or write /folder/** for " +
      "many in one folder",
  );
}

function nameEntries({ files }: CompiledRules, { slot, hashKey }: EncodeOptions) {
  return FILE_FIELDS.flatMap((field) => {
    const builtins = field === "path" ? BUILTIN_NAMES : new Map<string, number>();
    const names = new Set([...builtins.keys(), ...files[field].name.keys()]);
    return [...names].map((name): Entry => {
      const key = new Struct(RuleNameKey.byteSize);
      key.word(RuleNameKey.table, tableOf(slot, field));
      key.long(RuleNameKey.hash, hashBytes(bytesOf(name), hashKey));
      const value = new Struct(RuleNameBits.byteSize);
      value.bits(RuleNameBits.bits, files[field].name.get(name) ?? NO_BITS);
      value.word(RuleNameBits.builtin, builtins.get(name) ?? 0);
      return { key: key.bytes, value: value.bytes };
    });
  });
}

function pathEntries({ files }: CompiledRules, { slot, hashKey, places }: EncodeOptions) {
  return FILE_FIELDS.flatMap((field) =>
    [...files[field].exact].map(([path, bits]): Entry => {
      const text = bytesOf(path);
      const key = new Struct(RulePathKey.byteSize);
      key.word(RulePathKey.table, tableOf(slot, field));
      key.word(RulePathKey.size, text.length);
      key.long(RulePathKey.hash, hashBytes(text, hashKey));
      const value = new Struct(RulePathBits.byteSize);
      value.bits(RulePathBits.bits, bits);
      value.word(RulePathBits.absent, Number(goesByText(places, path)));
      return { key: key.bytes, value: value.bytes };
    })
  );
}

function commEntries({ comms, parentComms }: CompiledRules, { slot }: EncodeOptions) {
  return [comms, parentComms].flatMap((table, which) =>
    [...table].map(([comm, bits]): Entry => {
      const key = new Struct(RuleCommKey.byteSize);
      key.word(RuleCommKey.table, slot * 2 + which);
      key.bytes.set(bytesOf(comm), RuleCommKey.comm);
      return { key: key.bytes, value: bitsValue(bits) };
    })
  );
}

function uidEntry(slot: number, uid: number, bits: Bits): Entry {
  const key = new Struct(RuleUidKey.byteSize);
  key.word(RuleUidKey.slot, slot);
  key.word(RuleUidKey.uid, uid);
  return { key: key.bytes, value: bitsValue(bits) };
}

/** Of the two longest-prefix tables; the one for suffixes has its texts backwards. */
const TEXT_KEYS = {
  prefix: { layout: RulePrefixKey, most: PREFIX_SIZE, text: bytesOf },
  suffix: {
    layout: RuleSuffixKey,
    most: SUFFIX_SIZE,
    text: (text: string) => bytesOf(text).reverse(),
  },
} as const;

function textEntries(
  { files }: CompiledRules,
  { slot }: EncodeOptions,
  match: keyof typeof TEXT_KEYS,
): readonly Entry[] {
  const { layout, most, text } = TEXT_KEYS[match];
  return FILE_FIELDS.flatMap((field) =>
    [...files[field][match]].map(([pattern, bits]): Entry => {
      const bytes = text(pattern);
      if (bytes.length > most) {
        throw new RangeError(`Cannot encode ${JSON.stringify(pattern)}: it is over ${most} bytes`);
      }
      const key = new Struct(layout.byteSize);
      key.word(layout.bits, 32 + bytes.length * 8);
      key.word(layout.table, tableOf(slot, field));
      key.bytes.set(bytes, layout.text);
      return { key: key.bytes, value: bitsValue(bits) };
    })
  );
}

function watchedNameEntry(slot: number, name: FileName, number: number): Entry {
  const key = new Struct(WatchedNameKey.byteSize);
  key.long(WatchedNameKey.directory + FileIdentity.inode, name.inode);
  key.long(WatchedNameKey.directory + FileIdentity.deviceGeneration, name.device);
  key.long(WatchedNameKey.hash, name.hash);
  key.word(WatchedNameKey.slot, slot);
  return { key: key.bytes, value: wordBytes(slot * RULE_ENTRIES + number) };
}

function watchedBytes({ bits, builtin }: WatchedName): Uint8Array<ArrayBuffer> {
  const value = new Struct(Watched.byteSize);
  value.word(Watched.builtin, builtin);
  value.bits(Watched.bits, bits.path);
  value.bits(Watched.bits + RuleBits.byteSize, bits.exe);
  return value.bytes;
}

/** A file is learned by the name that it has itself, which a link to it may not. */
function learnedIndexes(
  { slot, places }: EncodeOptions,
  watched: readonly WatchedName[],
): ReadonlyMap<string, number> {
  const indexes = new Map(watched.map(({ name }, n) => [keyOf(name), slot * RULE_ENTRIES + n]));
  const learned = new Map<string, number>();
  for (const [path, place] of places) {
    const name = place.at(-1);
    const index = name === undefined ? undefined : indexes.get(keyOf(name));
    if (index !== undefined) learned.set(path, index);
  }
  return learned;
}

function wordBytes(word: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.of(word).buffer);
}

function tableOf(slot: number, field: FileField): number {
  return slot * 2 + FIELD_NUMBERS[field];
}

function bitsValue(bits: Bits): Uint8Array<ArrayBuffer> {
  const value = new Struct(RuleBits.byteSize);
  value.bits(0, bits);
  return value.bytes;
}
