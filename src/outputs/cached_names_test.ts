/** The bounded cache of names. @module */
import assert from "node:assert/strict";
import { put } from "./bytes.ts";
import { CachedNames } from "./cached_names.ts";

function textOf(names: CachedNames, number: number): string {
  const out = new DataView(new ArrayBuffer(32));
  return new TextDecoder().decode(new Uint8Array(out.buffer, 0, put(out, 0, names.of(number))));
}

Deno.test("of() names each number once", () => {
  const asked: number[] = [];
  const names = new CachedNames((number) => {
    asked.push(number);
    return `E${number}`;
  });
  assert.equal(textOf(names, 2), "E2");
  assert.equal(textOf(names, 4294967295), "E4294967295");
  assert.equal(textOf(names, 2), "E2");
  assert.deepEqual(asked, [2, 4294967295]);
});

Deno.test("of() stays right, and forgets, when programs choose ever new numbers", () => {
  const asked: number[] = [];
  const names = new CachedNames((number) => {
    asked.push(number);
    return String(number);
  });
  for (let number = 1; number <= 5000; number++) assert.equal(textOf(names, number), `${number}`);
  assert.equal(textOf(names, 1), "1");
  assert.equal(asked.filter((number) => number === 1).length, 2);
});
