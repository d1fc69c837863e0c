/** Base64 (RFC 4648, section 4, padded) of bytes, as bytes. @module */

const ALPHABET = new TextEncoder().encode(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);
const PADDING = 0x3d;

/** Writes `source` from `start` to `end` in base64 and returns the offset behind it. */
export function putBase64(
  source: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  offset: number,
): number {
  let to = offset;
  for (let at = start; at < end; at += 3) {
    const present = Math.min(3, end - at);
    const triple = source[at] << 16 | (present > 1 ? source[at + 1] << 8 : 0) |
      (present > 2 ? source[at + 2] : 0);
    out.setUint8(to, ALPHABET[triple >> 18]);
    out.setUint8(to + 1, ALPHABET[triple >> 12 & 63]);
    out.setUint8(to + 2, present > 1 ? ALPHABET[triple >> 6 & 63] : PADDING);
    out.setUint8(to + 3, present > 2 ? ALPHABET[triple & 63] : PADDING);
    to += 4;
  }
  return to;
}
