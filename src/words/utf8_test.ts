/** UTF-8, compared with TextDecoder. @module */
import assert from "node:assert/strict";
import { hostileName, randomNumbers } from "../outputs/hostile_fixture.ts";
import { codePointAt, isDisplayControl, sequenceLength } from "./utf8.ts";

/** What TextDecoder makes of the bytes, put together from one sequence after the other. */
function decoded(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at, bytes.length);
    const sequence = bytes.subarray(at, at + Math.abs(length));
    text += length < 0 ? "\ufffd" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(sequence);
    at += sequence.length;
  }
  return text;
}

Deno.test("sequenceLength() divides bytes as TextDecoder does", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const next = randomNumbers(3);
  for (let i = 0; i < 10_000; i++) {
    const bytes = hostileName(next, 40);
    assert.equal(decoded(bytes), decoder.decode(bytes), bytes.toString());
  }
});

Deno.test("sequenceLength() knows every lead byte with every second byte", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let lead = 0; lead < 256; lead++) {
    for (let second = 0; second < 256; second++) {
      const bytes = Uint8Array.of(lead, second, 0x80, 0x80, 0x41);
      assert.equal(decoded(bytes), decoder.decode(bytes), bytes.toString());
    }
  }
});

Deno.test("sequenceLength() does not look behind the end", () => {
  assert.equal(sequenceLength(Uint8Array.of(0xe2, 0x82, 0xac), 0, 2), -2);
  assert.equal(sequenceLength(Uint8Array.of(0xc3, 0xa9), 0, 1), -1);
});

Deno.test("isDisplayControl() is true of exactly the listed code points", () => {
  const listed = /[\u0080-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
  const encoder = new TextEncoder();
  for (let codePoint = 0x80; codePoint < 0x11000; codePoint++) {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
    const text = String.fromCodePoint(codePoint);
    const bytes = encoder.encode(text);
    assert.equal(
      isDisplayControl(bytes, 0, bytes.length),
      listed.test(text),
      codePoint.toString(16),
    );
    if (bytes.length < 4) assert.equal(codePointAt(bytes, 0, bytes.length), codePoint);
  }
});
