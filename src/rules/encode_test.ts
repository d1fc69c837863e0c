/** Compiled rules to the bytes of a slot, read back by the layout of the kernel's side. @module */
import assert from "node:assert/strict";
import { AgentError } from "../errors.ts";
import {
  Builtin,
  RULE_ENTRIES,
  RuleNameBits,
  RuleNameKey,
  RulePathBits,
  RulePrefixKey,
  RuleSet,
  RuleSuffixKey,
  Watched,
} from "../events/layout.gen.ts";
import { compileRules } from "./compile.ts";
import { type EncodedRules, encodeRules, type Entry } from "./encode.ts";
import type { PathPattern, Rule } from "./rule.ts";
import { ruleOf } from "./rule_fixture.ts";
import type { FileName, Place } from "./watched_names.ts";

const SLOT = 1;
const HASH_KEY = { seed: 0x0123456789abcdefn, factor: 0xfedcba9876543211n };

const name = (inode: bigint, hash: bigint): FileName => ({
  inode,
  device: 8n << 32n,
  hash,
  length: 6,
  bucket: Number(hash),
});

function encoded(rules: readonly Rule[], places: Readonly<Record<string, Place>> = {}) {
  return encodeRules(compileRules(rules), {
    slot: SLOT,
    number: 7,
    hashKey: HASH_KEY,
    places: new Map(Object.entries(places)),
  });
}

function about(...values: readonly PathPattern[]): Partial<Rule> {
  return { on: ["open"], conditions: [{ field: "path", negated: false, values }] };
}

const fields = ({ set }: EncodedRules) => new DataView(set.buffer);
const word = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer).getUint32(at, true);
const words = ({ key, value }: Entry) => ({
  key: new DataView(key.buffer),
  value: new DataView(value.buffer),
});

Deno.test("encodeRules() begins each key with its slot", () => {
  const { tables } = encoded([
    ruleOf("a", {
      conditions: [
        { field: "exe", negated: false, values: [{ match: "name", text: "sh" }] },
        { field: "uid", negated: false, values: [5] },
        { field: "parent.comm", negated: false, values: ["sh"] },
      ],
    }),
  ]);
  const first = (entries: readonly Entry[]) =>
    entries.map((entry) => words(entry).key.getUint32(0, true));
  // Two tables share a map: the field, or which task, is the lowest bit. sudo is always there.
  assert.deepEqual(first(tables.rule_names), [SLOT * 2, SLOT * 2 + 1]);
  assert.deepEqual(first(tables.rule_comms), [SLOT * 2 + 1]);
  assert.deepEqual(first(tables.rule_uids), [SLOT]);
});

Deno.test("encodeRules() counts sudo and /etc/passwd without any rule", () => {
  const { tables, watched, learned, set } = encoded([], { "/etc/passwd": [name(3n, 4n)] });
  const [sudo, ...others] = tables.rule_names.map(words);
  assert.deepEqual(others, []);
  assert.equal(sudo?.value.getUint32(RuleNameBits.builtin, true), Builtin.sudo);
  assert.deepEqual(watched.map((file) => word(file, Watched.builtin)), [Builtin.passwd]);
  assert.deepEqual([...learned], [["/etc/passwd", SLOT * RULE_ENTRIES]]);
  // Lengths 4 and 6, and nothing else is ever looked up.
  assert.equal(set[RuleSet.nameLengths], 1 << 4 | 1 << 6);
});

Deno.test("encodeRules() watches a name once that several paths lead to", () => {
  const rules = ["/bin/sh", "/usr/bin/sh"].map((text, n) =>
    ruleOf(`r${n}`, about({ match: "exact", text }))
  );
  const shared = name(3n, 4n);
  const { tables, watched, learned } = encoded(rules, {
    "/etc/passwd": [name(1n, 2n)],
    "/bin/sh": [shared],
    "/usr/bin/sh": [shared, name(5n, 6n)],
  });
  assert.deepEqual(watched.map((file) => word(file, Watched.bits)), [0, 0b11, 0b10]);
  assert.equal(tables.watched_names.length, 3);
  // The file has the name that the link leads to.
  assert.equal(learned.get("/usr/bin/sh"), SLOT * RULE_ENTRIES + 2);
});

Deno.test("encodeRules() has a file told by its path where its directory is not there, or not all have it", () => {
  const rules = [ruleOf("a", about({ match: "exact", text: "/run/x/y" }))];
  const there = encoded(rules, { "/run/x/y": [name(3n, 4n)] });
  const absent = encoded(rules, { "/run/x/y": [] });
  const mounted = encoded(rules, { "/run/x/y": [{ ...name(3n, 4n), inMountRoot: true }] });
  const told = ({ tables }: EncodedRules) =>
    tables.rule_paths.map((entry) => words(entry).value.getUint32(RulePathBits.absent, true));
  assert.deepEqual([told(there), told(absent), told(mounted)], [[0], [1], [1]]);
  assert.equal(fields(there).getBigUint64(RuleSet.byWhole, true), 0n);
  for (const byText of [absent, mounted]) {
    assert.equal(fields(byText).getBigUint64(RuleSet.byWhole, true), 1n);
    assert.equal(fields(byText).getBigUint64(RuleSet.byText, true), 1n);
  }
  assert.equal(mounted.tables.watched_names.length, there.tables.watched_names.length);
});

Deno.test("encodeRules() writes prefixes as they are, and endings backwards", () => {
  const { tables } = encoded([
    ruleOf("a", about({ match: "prefix", text: "/opt/" }, { match: "suffix", text: ".so" })),
  ]);
  const text = (key: Uint8Array, at: number) => new TextDecoder().decode(key.slice(at, at + 5));
  const [prefix] = tables.rule_prefixes;
  const [suffix] = tables.rule_suffixes;
  assert.ok(prefix && suffix);
  assert.equal(text(prefix.key, RulePrefixKey.text), "/opt/");
  assert.equal(text(suffix.key, RuleSuffixKey.text), "os.\0\0");
  // In bits, with the table's number in front.
  assert.equal(words(prefix).key.getUint32(0, true), 32 + 5 * 8);
  assert.equal(words(suffix).key.getUint32(0, true), 32 + 3 * 8);
});

Deno.test("encodeRules() gives equal names equal keys, and others others", () => {
  const keys = [
    "shadow",
    "shadoW",
    "a name of more than eight bytes",
    "a name of more than eight bytez",
  ]
    .map((text) => {
      const { tables } = encoded([ruleOf("a", about({ match: "name", text }))]);
      return tables.rule_names.map((entry) =>
        words(entry).key.getBigUint64(RuleNameKey.hash, true)
      )[1];
    });
  assert.equal(new Set(keys).size, 4);
});

Deno.test("encodeRules() refuses exact paths that lead to more files than can be watched", () => {
  const paths = Array.from({ length: RULE_ENTRIES / 2 }, (_, n) => `/link-${n}`);
  const rule = ruleOf("a", about(...paths.map((text) => ({ match: "exact", text }) as const)));
  const leadingTo = (count: number) =>
    Object.fromEntries(
      paths.slice(0, count).map((path, n) => {
        return [path, [name(1n, BigInt(n)), name(2n, BigInt(n))]];
      }),
    );
  const passwd = { "/etc/passwd": [name(3n, 0n)] };
  const { tables } = encoded([rule], { ...leadingTo(paths.length - 1), ...passwd });
  assert.equal(tables.watched_names.length, RULE_ENTRIES - 1);
  assert.throws(() => encoded([rule], { ...leadingTo(paths.length), ...passwd }), (error) => {
    assert.ok(error instanceof AgentError);
    assert.match(error.message, /^Cannot load the rules: .* lead to 513 files, and 512 can be/);
    return true;
  });
});
