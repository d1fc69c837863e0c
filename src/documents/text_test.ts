import { deepEqual, equal } from "node:assert/strict";
import { Problems } from "./problems.ts";
import { decodeText, MOST_BYTES } from "./text.ts";

function decode(bytes: Uint8Array): { text: string | undefined; lines: readonly string[] } {
  const problems = new Problems();
  const text = decodeText(bytes, "f", problems);
  return { text, lines: problems.lines() };
}

function bytesOf(...parts: readonly (string | number)[]): Uint8Array {
  const encoder = new TextEncoder();
  return new Uint8Array(
    parts.flatMap((part) => typeof part === "number" ? [part] : [...encoder.encode(part)]),
  );
}

Deno.test("decodeText() takes UTF-8, with or without a byte order mark", () => {
  for (const text of ["", "a: 1\r\n\tb", "é 🐝 \u0085\ufffd"]) {
    deepEqual(decode(bytesOf(text)), { text, lines: [] });
    deepEqual(decode(bytesOf("\ufeff", text)), { text, lines: [] });
  }
});

Deno.test("decodeText() names the place of what is no text", () => {
  const control = "is a control character, which cannot stand in YAML; " +
    "is this a text file in UTF-8?";
  const notUtf8 = "this is not UTF-8; save the file as UTF-8";
  const cases: readonly (readonly [readonly (string | number)[], string])[] = [
    [["a: 1\nb: x\0y"], `f:2:5: U+0000 ${control}`],
    [["\u001b[2J"], `f:1:1: U+001B ${control}`],
    [["a\u009b"], `f:1:2: U+009B ${control}`],
    [["a\ufffe"], `f:1:2: U+FFFE ${control}`],
    [["a: 1\nb: \ufffd\nc: é", 0xff, "x"], `f:3:5: ${notUtf8}`],
    [["a", 0xc3], `f:1:2: ${notUtf8}`],
    [["a\n", 0xc3, "\nb"], `f:2:1: ${notUtf8}`],
    // A surrogate, as UTF-8 has none.
    [["a", 0xed, 0xa0, 0x80], `f:1:2: ${notUtf8}`],
    // UTF-16.
    [[0xff, 0xfe, "a", 0, "b", 0], `f:1:4: U+0000 ${control}`],
  ];
  for (const [parts, line] of cases) {
    deepEqual(decode(bytesOf(...parts)), { text: undefined, lines: [line] });
  }
});

Deno.test("decodeText() refuses a file that is too large, whatever is in it", () => {
  const large = new Uint8Array(MOST_BYTES).fill(0x20);
  equal(decode(large).text?.length, MOST_BYTES);
  deepEqual(decode(new Uint8Array(MOST_BYTES + 1)), {
    text: undefined,
    lines: ["f:1:1: the file is larger than 256 KiB; is it a configuration at all?"],
  });
});
