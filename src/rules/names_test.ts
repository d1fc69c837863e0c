import assert from "node:assert/strict";
import { nameOf, shownName } from "./names.ts";

const CASES: readonly (readonly [bytes: readonly number[], name: string, shown: string])[] = [
  [[], "", ""],
  [[0x61, 0x2f, 0x62], "a/b", "a/b"],
  [[0xc3, 0xa9], "\u00e9", "\u00e9"],
  [[0xef, 0xbb, 0xbf, 0x61], "\ufeffa", "\ufeffa"],
  [[0xff], "\udcff", "\\xff"],
  [[0xc3, 0x61], "\udcc3a", "\\xc3a"],
  [[0x61, 0xf0, 0x9f, 0x98], "a\udcf0\udc9f\udc98", "a\\xf0\\x9f\\x98"],
  [[0xed, 0xb3, 0xbf], "\udced\udcb3\udcbf", "\\xed\\xb3\\xbf"],
  [[0x0a, 0x1b], "\n\u001b", "\\n\\u001b"],
];

Deno.test("nameOf() keeps every byte apart, and shownName() makes a line of it", () => {
  for (const [bytes, name, shown] of CASES) {
    assert.equal(nameOf(Uint8Array.from(bytes)), name);
    assert.equal(shownName(name), shown);
  }
});
