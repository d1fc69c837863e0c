/**
 * Constant text and numbers as bytes. Each function writes at `offset` of `out` and returns the offset
 * behind what it wrote.
 *
 * They write words of four or eight bytes, which takes a fraction of the time that single bytes take.
 * A word may reach up to {@link OVERSHOOT} bytes behind the returned offset: what comes next overwrites
 * them.
 * @module
 */

const ENCODER = new TextEncoder();
const MAX_INT32 = 0x7fffffff;
const HEX = "0123456789abcdef";

/** How far a write may reach behind the offset that it returns. */
export const OVERSHOOT = 7;

/** Text that is written often. */
export interface Constant {
  /** Its length in bytes of UTF-8. */
  readonly size: number;
  /**
   * Its bytes, eight in each double as memory holds it (little-endian on x86-64 and arm64), with
   * zeros up to a whole one. A double keeps its bits unless it is NaN, whose last two bytes, 0xf0 or
   * above and then 0x7f or 0xff, are not UTF-8.
   */
  readonly words: Float64Array;
}

/** The digits of each number below 1,000, with zeros in front and without them. */
const THREE_DIGITS = threeDigits();
const LEADING_DIGITS = leadingDigits();
const HEX_DIGITS = hexDigits();

/** Encodes a text once, to be written often. */
export function constant(text: string): Constant {
  const bytes = ENCODER.encode(text);
  const words = new Float64Array(Math.ceil(bytes.length / 8));
  new Uint8Array(words.buffer).set(bytes);
  return { size: bytes.length, words };
}

/** Writes a text. */
export function put(out: DataView, offset: number, text: Constant): number {
  const words = text.words;
  for (let word = 0; word < words.length; word++) {
    out.setFloat64(offset + word * 8, words[word], true);
  }
  return offset + text.size;
}

/** Writes a whole number from 0 to 2^53 - 1 in decimal. */
export function putDecimal(out: DataView, offset: number, value: number): number {
  // The engine divides 32-bit integers quickly; beyond them it divides doubles.
  if (value <= MAX_INT32) return putInt32(out, offset, value | 0);
  const last = value % 1000;
  return putThreeDigits(out, putDecimal(out, offset, (value - last) / 1000), last);
}

/** Writes a number below one million as six digits. */
export function putSixDigits(out: DataView, offset: number, value: number): number {
  const thousands = (value / 1000) | 0;
  putThreeDigits(out, offset, thousands);
  return putThreeDigits(out, offset + 3, value - thousands * 1000);
}

/** Writes a number below one thousand million as nine digits. */
export function putNineDigits(out: DataView, offset: number, value: number): number {
  const thousands = (value / 1000) | 0;
  putSixDigits(out, offset, thousands);
  return putThreeDigits(out, offset + 6, value - thousands * 1000);
}

/** Writes a byte as two lower-case hexadecimal digits. */
export function putHexByte(out: DataView, offset: number, byte: number): number {
  out.setInt32(offset, HEX_DIGITS[byte], true);
  return offset + 2;
}

function putInt32(out: DataView, offset: number, value: number): number {
  if (value < 1_000_000) return putBelowMillion(out, offset, value);
  const millions = (value / 1_000_000) | 0;
  return putSixDigits(out, putBelowMillion(out, offset, millions), value - millions * 1_000_000);
}

function putBelowMillion(out: DataView, offset: number, value: number): number {
  if (value < 1000) return putLeadingDigits(out, offset, value);
  const thousands = (value / 1000) | 0;
  return putThreeDigits(out, putLeadingDigits(out, offset, thousands), value - thousands * 1000);
}

function putLeadingDigits(out: DataView, offset: number, value: number): number {
  out.setInt32(offset, LEADING_DIGITS[value], true);
  return offset + (value < 10 ? 1 : value < 100 ? 2 : 3);
}

function putThreeDigits(out: DataView, offset: number, value: number): number {
  out.setInt32(offset, THREE_DIGITS[value], true);
  return offset + 3;
}

/**
 * "000" to "999", each in a word. Like what follows made without a text for each: thousands of calls
 * at the start would have V8's compilers come in, which take 20 ms and 5 MB.
 */
function threeDigits(): Int32Array {
  const words = new Int32Array(1000);
  let number = 0;
  for (let hundreds = 0x30; hundreds < 0x3a; hundreds++) {
    for (let tens = 0x30; tens < 0x3a; tens++) {
      const both = 0x30_0000 | tens << 8 | hundreds;
      for (let ones = 0; ones < 0xa_0000; ones += 0x1_0000) words[number++] = both + ones;
    }
  }
  return words;
}

/** "0" to "999". */
function leadingDigits(): Int32Array {
  const words = THREE_DIGITS.slice();
  for (let number = 0; number < 100; number++) words[number] >>= number < 10 ? 16 : 8;
  return words;
}

/** "00" to "ff". */
function hexDigits(): Int32Array {
  const words = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    words[byte] = HEX.charCodeAt(byte >> 4) | HEX.charCodeAt(byte & 15) << 8;
  }
  return words;
}
