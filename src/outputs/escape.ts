/**
 * Hostile bytes made harmless: names that programs choose, for a line on a terminal and for JSON.
 * @module
 */
import { constant, put, putHexByte } from "./bytes.ts";
import { QUOTE } from "./json_signs.ts";
import type { RecordView } from "./output.ts";
import { codePointAt, isDisplayControl, sequenceLength } from "../words/utf8.ts";

const BACKSLASH = 0x5c;

/** What is to be done with a byte; any other number is the character to write behind a backslash. */
const PLAIN = 0;
const CONTROL = 1;
const MULTIBYTE = 2;

const TEXT_TREATMENT = treatments("\\", "\\");
const JSON_TREATMENT = treatments('"\\\b\f\n\r\t', '"\\bfnrt');

const HEX_ESCAPE = constant("\\x");
const UNICODE_ESCAPE = constant("\\u");
const REPLACEMENT = constant("\ufffd");

/**
 * Writes the name from `start` to `end` of `source` so that it can neither end the line nor act on a
 * terminal: `\xff` for each byte of a control and of what is not UTF-8, `\\` for a backslash. Nothing
 * is lost: it can be turned back. A byte becomes four at most. Returns the offset behind it.
 */
export function putEscaped(
  source: RecordView,
  start: number,
  end: number,
  out: DataView,
  offset: number,
): number {
  const bytes = source.bytes;
  let to = offset;
  for (let at = start; at < end;) {
    const treatment = TEXT_TREATMENT[bytes[at]];
    let behind = at + 1;
    if (treatment === PLAIN) {
      behind = copyPlain(source, at, end, out, to, TEXT_TREATMENT);
      to += behind - at;
    } else if (treatment === CONTROL) {
      to = putHexEscapes(bytes, at, behind, out, to);
    } else if (treatment === MULTIBYTE) {
      const length = sequenceLength(bytes, at, end);
      behind = at + Math.abs(length);
      to = length < 0 || isDisplayControl(bytes, at, length)
        ? putHexEscapes(bytes, at, behind, out, to)
        : putBytes(bytes, at, behind, out, to);
    } else {
      to = putBackslashed(treatment, out, to);
    }
    at = behind;
  }
  return to;
}

/**
 * Writes the name from `start` to `end` of `source` as a JSON string with its quotes, U+FFFD for what
 * is not UTF-8, and what acts on a terminal as an escape. A byte becomes six at most. Returns the
 * offset behind it, or, where bytes had to be replaced, that offset's complement (`~offset`).
 */
export function putJsonString(
  source: RecordView,
  start: number,
  end: number,
  out: DataView,
  offset: number,
): number {
  const bytes = source.bytes;
  let replaced = false;
  let to = offset;
  out.setUint8(to++, QUOTE);
  for (let at = start; at < end;) {
    const treatment = JSON_TREATMENT[bytes[at]];
    let behind = at + 1;
    if (treatment === PLAIN) {
      behind = copyPlain(source, at, end, out, to, JSON_TREATMENT);
      to += behind - at;
    } else if (treatment === CONTROL) {
      to = putUnicodeEscape(bytes[at], out, to);
    } else if (treatment === MULTIBYTE) {
      const length = sequenceLength(bytes, at, end);
      behind = at + Math.abs(length);
      if (length < 0) {
        replaced = true;
        to = put(out, to, REPLACEMENT);
      } else if (isDisplayControl(bytes, at, length)) {
        to = putUnicodeEscape(codePointAt(bytes, at, length), out, to);
      } else {
        to = putBytes(bytes, at, behind, out, to);
      }
    } else {
      to = putBackslashed(treatment, out, to);
    }
    at = behind;
  }
  out.setUint8(to++, QUOTE);
  return replaced ? ~to : to;
}

/** Copies bytes that need no escape, in words where it can, and returns where they end. */
function copyPlain(
  source: RecordView,
  start: number,
  end: number,
  out: DataView,
  offset: number,
  treatment: Uint8Array,
): number {
  const { bytes, data } = source;
  const ahead = offset - start;
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    const word = data.getInt32(at, true);
    if (!isPlainWord(word)) break;
    out.setInt32(at + ahead, word, true);
  }
  for (; at < end && treatment[bytes[at]] === PLAIN; at++) out.setUint8(at + ahead, bytes[at]);
  return at;
}

/**
 * Whether none of four bytes needs an escape, neither in text nor in JSON. Of the bytes that need one
 * the lowest gets its highest bit here, by a carry or borrow that no byte below it makes: DEL and
 * above, below space, backslash, quote.
 */
function isPlainWord(word: number): boolean {
  const marks = word | (word + 0x01010101) | (word - 0x20202020) |
    ((word ^ 0x5c5c5c5c) - 0x01010101) | ((word ^ 0x22222222) - 0x01010101);
  return (marks & 0x80808080) === 0;
}

function putBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  offset: number,
): number {
  for (let at = start; at < end; at++) out.setUint8(offset + at - start, bytes[at]);
  return offset + end - start;
}

function putHexEscapes(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  offset: number,
): number {
  let to = offset;
  for (let at = start; at < end; at++) {
    to = putHexByte(out, put(out, to, HEX_ESCAPE), bytes[at]);
  }
  return to;
}

function putUnicodeEscape(codeUnit: number, out: DataView, offset: number): number {
  const to = putHexByte(out, put(out, offset, UNICODE_ESCAPE), codeUnit >> 8);
  return putHexByte(out, to, codeUnit & 0xff);
}

function putBackslashed(character: number, out: DataView, offset: number): number {
  out.setUint8(offset, BACKSLASH);
  out.setUint8(offset + 1, character);
  return offset + 2;
}

/** A treatment for each byte, where `escaped[i]` is written as a backslash and `as[i]`. */
function treatments(escaped: string, as: string): Uint8Array {
  const table = new Uint8Array(256).fill(CONTROL, 0, 0x20).fill(MULTIBYTE, 0x80);
  table[0x7f] = CONTROL;
  for (let at = 0; at < as.length; at++) table[escaped.charCodeAt(at)] = as.charCodeAt(at);
  return table;
}
