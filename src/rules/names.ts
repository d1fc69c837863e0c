/** Names that are any bytes as texts that can be compared with those of a rule. @module */
import { escapeControls } from "../log.ts";
import { sequenceLength } from "../words/utf8.ts";

/**
 * The text of a name. A byte that is not UTF-8 becomes half a surrogate pair, U+DC80 to U+DCFF, which
 * is in no text: so a name is equal to a text, or begins or ends with it, where its bytes do.
 */
export function nameOf(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    return mixedName(bytes);
  }
}

/** A name on one line, with `\xff` for a byte that is not UTF-8. */
export function shownName(name: string): string {
  return escapeControls(name).replace(
    /[\udc80-\udcff]/g,
    (half) => `\\x${(half.charCodeAt(0) & 0xff).toString(16)}`,
  );
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function mixedName(bytes: Uint8Array): string {
  let name = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at, bytes.length);
    const end = at + Math.abs(length);
    name += length > 0
      ? STRICT.decode(bytes.subarray(at, end))
      : String.fromCharCode(...Array.from(bytes.subarray(at, end), (byte) => 0xdc00 | byte));
    at = end;
  }
  return name;
}
