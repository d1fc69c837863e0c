/** Names that nobody would think of, for tests. @module */

/** The same numbers from 0 to 2^32 - 1 for the same seed (xorshift32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const ENCODER = new TextEncoder();

/** What names are put together from, beside bytes of any kind. */
const PIECES: readonly Uint8Array[] = [
  ...[
    "etc/passwd",
    "\\",
    "\\x41",
    '"',
    "\n",
    "\r\t\b\f",
    "\x00",
    "\x1b[2J",
    "\x7f",
    "é",
    "日本",
    "🐝",
  ],
  ...["\u0080", "\u0085", "\u009b", "\u00a0", "\u061c", "\u200d", "\u200e", "\u200f", "\u2010"],
  ...["\u2027", "\u2028", "\u2029", "\u202a", "\u202e", "\u202f", "\u2065", "\u2066", "\u2069"],
  ...["\u206a", "\ufeff", "\ufffd", "\uffff", "\u{10ffff}"],
].map((text) => ENCODER.encode(text)).concat([
  Uint8Array.of(0xc0, 0xaf),
  Uint8Array.of(0xe0, 0x80, 0xaf),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xf0, 0x82, 0x82, 0xac),
  Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
  Uint8Array.of(0xe2, 0x82),
  Uint8Array.of(0xf0, 0x9f, 0x90),
  Uint8Array.of(0x9b),
  Uint8Array.of(0xff),
]);

/** A name of at most `most` bytes: pieces that each matter, and bytes of any kind. */
export function hostileName(next: () => number, most: number): Uint8Array {
  const name: number[] = [];
  const length = next() % (most + 1);
  while (name.length < length) {
    const piece = next() % (PIECES.length * 2);
    if (piece < PIECES.length) name.push(...PIECES[piece]);
    else name.push(next() >>> 24);
  }
  return Uint8Array.from(name.slice(0, most));
}
