/** Numbers and constant text, compared with what JavaScript makes of them. @module */
import assert from "node:assert/strict";
import {
  constant,
  OVERSHOOT,
  put,
  putDecimal,
  putHexByte,
  putNineDigits,
  putSixDigits,
} from "./bytes.ts";
import { randomNumbers } from "./hostile_fixture.ts";

/** What a function writes at an odd offset, with no more room than it may use. */
function written(size: number, write: (out: DataView, offset: number) => number): string {
  const offset = 5;
  const out = new DataView(new ArrayBuffer(offset + size + OVERSHOOT));
  const end = write(out, offset);
  return new TextDecoder().decode(new Uint8Array(out.buffer, offset, end - offset));
}

Deno.test("put() writes any length", () => {
  for (const text of ["", "a", "ab", "abc", "abcd", "abcde", "é日🐝", "x".repeat(200)]) {
    const bytes = constant(text);
    assert.equal(written(bytes.size, (out, offset) => put(out, offset, bytes)), text);
  }
});

Deno.test("putDecimal() writes what String() does", () => {
  const numbers = [0, 9, 10, 99, 100, 999, 1000, 999_999, 1_000_000, 999_999_999, 1_000_000_000];
  numbers.push(2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER);
  for (let last = 0; last < 2000; last++) numbers.push(Number.MAX_SAFE_INTEGER - last);
  const next = randomNumbers(1);
  for (let i = 0; i < 2000; i++) {
    numbers.push(next() >>> (next() & 31), next() * (next() & 0xfffff));
  }
  for (const number of numbers) {
    const text = String(number);
    assert.equal(written(text.length, (out, offset) => putDecimal(out, offset, number)), text);
  }
});

Deno.test("putSixDigits() and putNineDigits() write zeros in front", () => {
  for (const number of [0, 7, 999, 1000, 123_456, 999_999]) {
    const text = String(number).padStart(6, "0");
    assert.equal(written(6, (out, offset) => putSixDigits(out, offset, number)), text);
  }
  for (const number of [0, 7, 1_000_000, 123_456_789, 999_999_999]) {
    const text = String(number).padStart(9, "0");
    assert.equal(written(9, (out, offset) => putNineDigits(out, offset, number)), text);
  }
});

Deno.test("putHexByte() writes two lower-case digits for every byte", () => {
  for (let byte = 0; byte < 256; byte++) {
    const text = byte.toString(16).padStart(2, "0");
    assert.equal(written(2, (out, offset) => putHexByte(out, offset, byte)), text);
  }
});
