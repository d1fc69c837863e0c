import assert from "node:assert/strict";
import { ruleOf } from "./rule_fixture.ts";
import { RuleSets } from "./rule_sets.ts";

Deno.test("RuleSets finds the rules of a mask by the number of their set", () => {
  const sets = new RuleSets();
  const many = Array.from({ length: 64 }, (_, n) => ruleOf(`r${n}`));
  sets.add(1, [ruleOf("old")]);
  sets.add(2, many);
  const names = (set: number, low: number, high: number) =>
    sets.of(set, low, high).map(({ name }) => name);
  assert.deepEqual(names(1, 1, 0), ["old"]);
  assert.deepEqual(names(2, 0x80000001, 0x80000001), ["r0", "r31", "r32", "r63"]);
  assert.deepEqual(names(2, 0, 0), []);
  assert.deepEqual(names(3, 1, 0), []);
});

Deno.test("RuleSets forgets sets that no event can be about any more", () => {
  const sets = new RuleSets();
  for (let number = 1; number <= 1000; number++) sets.add(number, [ruleOf(`r${number}`)]);
  assert.deepEqual(sets.of(1, 1, 0), []);
  assert.deepEqual(sets.of(990, 1, 0).map(({ name }) => name), ["r990"]);
});
