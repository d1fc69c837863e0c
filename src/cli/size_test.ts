import assert from "node:assert/strict";
import { formatSize, parseSize } from "./size.ts";

const LIMITS = { least: 2 ** 20, most: 2 ** 40 } as const;

Deno.test("parseSize() reads whole numbers with a unit, the limits allowed", () => {
  const cases: readonly (readonly [text: string, bytes: number])[] = [
    ["1024KiB", 2 ** 20],
    ["1MiB", 2 ** 20],
    ["100MiB", 104_857_600],
    ["3GiB", 3 * 2 ** 30],
    ["1TiB", 2 ** 40],
  ];
  for (const [text, bytes] of cases) assert.equal(parseSize(text, LIMITS), bytes, text);
});

Deno.test("parseSize() refuses everything else, and says what to write", () => {
  const cases: readonly (readonly [text: string, message: RegExp])[] = [
    ["100", /^"100" has no unit; write KiB, MiB, GiB or TiB behind it$/],
    ["0", /^"0" is too small; the least is 1MiB$/],
    ["100MB", /^"100MB" is not a size; write a whole number with KiB, .* such as 100MiB$/],
    ["1.5MiB", /is not a size/],
    ["-1MiB", /is not a size/],
    ["", /is not a size/],
    ["1023KiB", /^"1023KiB" is too small; the least is 1MiB$/],
    ["2TiB", /^"2TiB" is too large; the most is 1TiB$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseSize(text, LIMITS), { name: "ValueError", message }, text);
  }
});

Deno.test("formatSize() writes what parseSize() reads", () => {
  for (const text of ["1MiB", "1025KiB", "7GiB", "1TiB"]) {
    assert.equal(formatSize(parseSize(text, LIMITS)), text);
  }
});
