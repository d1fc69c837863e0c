import { deepEqual } from "node:assert/strict";
import { wrap } from "./wrap.ts";

Deno.test("wrap() breaks lines between words, and no word", () => {
  const cases: readonly (readonly [text: string, width: number, readonly string[]])[] = [
    ["", 3, [""]],
    ["one", 3, ["one"]],
    ["one two", 7, ["one two"]],
    ["one two", 6, ["one", "two"]],
    ["eleven two", 3, ["eleven", "two"]],
    ["a bc d", 4, ["a bc", "d"]],
    ["a\u00a0b c", 3, ["a\u00a0b", "c"]],
  ];
  for (const [text, width, lines] of cases) deepEqual(wrap(text, width), lines, `${text} ${width}`);
});
