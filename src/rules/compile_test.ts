/** Rules to bits: a table for each field, and what is in them twice. @module */
import assert from "node:assert/strict";
import { compileRules, needsArguments } from "./compile.ts";
import type { Condition, PathPattern } from "./rule.ts";
import { ruleOf } from "./rule_fixture.ts";

const path = (...patterns: readonly PathPattern[]): Condition => ({
  field: "path",
  negated: false,
  values: patterns,
});
const not = (condition: Condition): Condition => ({ ...condition, negated: true });
const exact = (text: string): PathPattern => ({ match: "exact", text });
const prefix = (text: string): PathPattern => ({ match: "prefix", text });
const suffix = (text: string): PathPattern => ({ match: "suffix", text });
const uid = (...values: readonly number[]): Condition => ({ field: "uid", negated: false, values });

Deno.test("compileRules() gives each rule the bit of its place", () => {
  const { kinds, emit, rates } = compileRules([
    ruleOf("a", { on: ["open", "exec"] }),
    ruleOf("b", { on: ["open"], emit: false }),
    ruleOf("c", { on: ["clone"], rate: 10 }),
  ]);
  assert.deepEqual(kinds, { exec: 0b001n, clone: 0b100n, open: 0b011n, privilege: 0n });
  assert.equal(emit, 0b101n);
  assert.deepEqual(rates, [0, 0, 10]);
});

Deno.test("compileRules() has for each value the rules that name it, and those that negate it", () => {
  const { uids, comms, outcome } = compileRules([
    ruleOf("a", { conditions: [uid(0, 1000)] }),
    ruleOf("b", { conditions: [uid(0), { field: "comm", negated: true, values: ["sh"] }] }),
    ruleOf("c", { conditions: [not(uid(0))] }),
    ruleOf("d", { conditions: [{ field: "outcome", negated: false, values: ["failure"] }] }),
  ]);
  assert.deepEqual([...uids], [
    [0, { any: 0b0011n, none: 0b0100n }],
    [1000, { any: 0b0001n, none: 0n }],
  ]);
  assert.deepEqual([...comms], [["sh", { any: 0n, none: 0b0010n }]]);
  assert.deepEqual(outcome, {
    success: { any: 0n, none: 0n },
    failure: { any: 0b1000n, none: 0n },
  });
});

Deno.test("compileRules() tells of each field who does not care, and whether anybody does", () => {
  const { indifferent } = compileRules([
    ruleOf("a", { conditions: [uid(0)] }),
    ruleOf("b", { conditions: [not(uid(0))] }),
    ruleOf("c"),
  ]);
  // A negated condition alone lets every value pass that it does not name.
  assert.deepEqual(indifferent.get("uid"), { rules: 0b110n, asked: true });
  assert.deepEqual(indifferent.get("path"), { rules: 0b111n, asked: false });
});

Deno.test("compileRules() puts the bits of shorter prefixes and endings into longer ones", () => {
  const { files } = compileRules([
    ruleOf("a", { conditions: [path(prefix("/etc/"))] }),
    ruleOf("b", { conditions: [path(prefix("/etc/ssh/")), not(path(prefix("/etc/")))] }),
    ruleOf("c", { conditions: [path(prefix("/opt/"), suffix(".service"))] }),
    ruleOf("d", { conditions: [path(suffix("d.service"))] }),
  ]);
  assert.deepEqual([...files.path.prefix], [
    ["/etc/", { any: 0b0001n, none: 0b0010n }],
    ["/etc/ssh/", { any: 0b0011n, none: 0b0010n }],
    ["/opt/", { any: 0b0100n, none: 0n }],
  ]);
  assert.deepEqual([...files.path.suffix], [
    [".service", { any: 0b0100n, none: 0n }],
    ["d.service", { any: 0b1100n, none: 0n }],
  ]);
  assert.equal(files.exe.prefix.size, 0);
});

Deno.test("compileRules() has a path that several rules name once", () => {
  const { files } = compileRules([
    ruleOf("a", { conditions: [path(exact("/a"))] }),
    ruleOf("b", { conditions: [path(exact("/a"), exact("/b"))] }),
  ]);
  assert.deepEqual([...files.path.exact], [
    ["/a", { any: 0b11n, none: 0n }],
    ["/b", { any: 0b10n, none: 0n }],
  ]);
});

Deno.test("compileRules() lets rules about arguments through whole, for user space to decide", () => {
  const condition: Condition = { field: "args", negated: false, values: ["x"] };
  const rule = ruleOf("a", { conditions: [condition], emit: false, rate: 5 });
  assert.equal(needsArguments(rule), true);
  const { emit, rates } = compileRules([rule]);
  assert.deepEqual({ emit, rates }, { emit: 1n, rates: [0] });
});

Deno.test("compileRules() takes as many rules as a mask has bits", () => {
  const rules = Array.from({ length: 65 }, (_, n) => ruleOf(`r${n}`, { on: ["open"] }));
  assert.equal(compileRules(rules.slice(0, 64)).kinds.open, 2n ** 64n - 1n);
  assert.throws(() => compileRules(rules), /Cannot compile 65 rules/);
});
