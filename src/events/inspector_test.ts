/** Rules about arguments, from the record as the kernel matched it to the record that outputs get. @module */
import assert from "node:assert/strict";
import {
  cloneRecord,
  execRecord,
  type FixtureRecord,
  type OriginFixture,
  withOrigin,
} from "../outputs/record_fixture.ts";
import { ArgsConfirmation } from "../rules/confirmation.ts";
import type { Rule } from "../rules/rule.ts";
import { namesOf, ruleOf } from "../rules/rule_fixture.ts";
import { Inspector } from "./inspector.ts";
import type { EventKind } from "./kinds.ts";
import { Cut, Origin } from "./layout.gen.ts";

const SECRET = { field: "args", negated: false, values: ["secret"] } as const;
const RULES = [
  ruleOf("plain"),
  ruleOf("secret", { conditions: [SECRET] }),
  ...Array.from({ length: 61 }, (_, n) => ruleOf(`n${n}`)),
  ruleOf("last", { conditions: [SECRET] }),
];
const BOTH = 0b11;
const LAST = 2 ** 31;

function inspect(
  record: FixtureRecord,
  { rules = RULES, delivered = [] }: {
    readonly rules?: readonly Rule[];
    readonly delivered?: readonly EventKind[];
  } = {},
) {
  const confirmation = new ArgsConfirmation(namesOf(rules));
  const inspector = new Inspector({ confirmation, sudo: undefined, delivered });
  const before = record.view.bytes.slice();
  const wanted = inspector.inspect(record.view, record.at, record.size);
  assert.deepEqual(record.view.bytes, before, "the ring is only read");
  const { view, at } = inspector;
  const halves = [Origin.rulesHigh, Origin.rulesLow].map((half) => view.words[(at + half) >> 2]);
  const event = (record: FixtureRecord) =>
    record.view.bytes.subarray(record.at + Origin.byteSize, record.at + record.size);
  assert.deepEqual(event({ view, at, size: record.size }), event(record));
  return { wanted, halves, counts: Object.fromEntries(confirmation.counts) };
}

function exec(args: string, rules: readonly [number, number], cut = 0): FixtureRecord {
  const origin: OriginFixture = { ruleSet: 1, rules };
  return withOrigin(execRecord({}, { executable: "/bin/x", args, cut }), origin);
}

Deno.test("Inspector.inspect() leaves the rules that the arguments confirm, and counts them", () => {
  const { wanted, halves, counts } = inspect(exec("x\0a secret\0", [LAST, BOTH]));
  assert.equal(wanted, true);
  assert.deepEqual(halves, [LAST, BOTH]);
  assert.deepEqual(Object.keys(counts), ["secret", "last"]);
  assert.equal(counts.secret?.matches, 1);
});

Deno.test("Inspector.inspect() takes off the rules that the arguments speak against", () => {
  const { wanted, halves, counts } = inspect(exec("x\0public\0", [LAST, BOTH]));
  assert.equal(wanted, true);
  assert.deepEqual(halves, [0, 1]);
  assert.deepEqual(counts, {});
});

Deno.test("Inspector.inspect() withholds what came for such rules alone", () => {
  const record = exec("x\0public\0", [LAST, 0b10]);
  assert.equal(inspect(record).wanted, false);
  assert.equal(inspect(record, { delivered: ["open"] }).wanted, false);
  assert.equal(inspect(record, { delivered: ["exec"] }).wanted, true);
});

Deno.test("Inspector.inspect() confirms nothing by arguments that were cut or kept back", () => {
  assert.deepEqual(inspect(exec("x\0pub", [0, BOTH], Cut.args)).halves, [0, 1]);
  assert.deepEqual(inspect(exec("", [0, BOTH])).halves, [0, 1]);
});

Deno.test("Inspector.inspect() leaves rules about other things, and other sets, alone", () => {
  assert.deepEqual(inspect(exec("x\0", [0, 1])).halves, [0, 1]);
  const other = withOrigin(execRecord({}, {}), { ruleSet: 2, rules: [LAST, BOTH] });
  assert.deepEqual(inspect(other).halves, [LAST, BOTH]);
  const clone = withOrigin(cloneRecord({}, { pid: 1, tid: 1 }), { ruleSet: 1, rules: [0, 1] });
  assert.deepEqual(inspect(clone).halves, [0, 1]);
});

Deno.test("Inspector.inspect() counts a rule that only counts, and delivers nothing for it", () => {
  const rules = [ruleOf("quiet", { conditions: [SECRET], emit: false })];
  const { wanted, counts } = inspect(exec("secret\0", [0, 1]), { rules });
  assert.equal(wanted, false);
  assert.equal(counts.quiet?.matches, 1);
  assert.equal(counts.quiet?.suppressed, 0);
});

Deno.test("ArgsConfirmation holds back what is more than the rate, in each second anew", () => {
  const confirmation = new ArgsConfirmation(
    namesOf([ruleOf("r", { conditions: [SECRET], rate: 2 })]),
  );
  const told = [0n, 1n, 2n, 1_000_000_000n].map((time) => {
    const event = execRecord({ time }, { args: "secret\0" });
    const { view, at } = withOrigin(event, { ruleSet: 1, rules: [0, 1] });
    confirmation.confirm(view, at);
    return view.words[(at + Origin.rulesLow) >> 2];
  });
  assert.deepEqual(told, [1, 1, 0, 1]);
  const count = confirmation.counts.get("r");
  assert.deepEqual([count?.matches, count?.suppressed], [4, 1]);
});
