/** Tells well-formed UTF-8 from the rest, and what of it acts on a terminal. @module */

/**
 * The length in bytes of the well-formed sequence at `at` (Unicode, table 3-7), or the negative
 * length of the maximal ill-formed subpart that stands there (what TextDecoder replaces by one U+FFFD).
 */
export function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte alone rules out overlong forms, surrogates and what is above U+10FFFF.
  let lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < length; i++) {
    if (at + i >= end) return -i;
    const byte = bytes[at + i];
    if (byte < lowest || byte > highest) return -i;
    lowest = 0x80;
    highest = 0xbf;
  }
  return length;
}

/** The code point of a well-formed sequence of two or three bytes. */
export function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  const last = bytes[at + length - 1] & 0x3f;
  return length === 2
    ? (bytes[at] & 0x1f) << 6 | last
    : (bytes[at] & 0x0f) << 12 | (bytes[at + 1] & 0x3f) << 6 | last;
}

/**
 * Whether a well-formed sequence of several bytes can change how a line looks: C1 controls, controls
 * of writing direction, line and paragraph separators. All of them have two or three bytes.
 */
export function isDisplayControl(bytes: Uint8Array, at: number, length: number): boolean {
  if (length > 3) return false;
  const codePoint = codePointAt(bytes, at, length);
  return codePoint < 0xa0 || codePoint === 0x061c ||
    codePoint >= 0x200e && codePoint <= 0x200f ||
    codePoint >= 0x2028 && codePoint <= 0x202e ||
    codePoint >= 0x2066 && codePoint <= 0x2069;
}
