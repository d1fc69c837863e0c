/** The bytes of a file as text, where they are text. @module */
import type { Place, Problems } from "./problems.ts";

/**
 * As large as a file may be, and a configuration with all its files. A reload reads it while events
 * come in: YAML takes up to five seconds for a MiB, and a configuration with all rules that there may
 * be is far smaller than this.
 */
export const MOST_BYTES = 1 << 18;

/** Decodes UTF-8. Undefined where it is too large, or holds what no text holds: `problems` has it. */
export function decodeText(
  bytes: Uint8Array,
  file: string,
  problems: Problems,
): string | undefined {
  if (bytes.length > MOST_BYTES) {
    const start = { file, line: 1, column: 1 };
    problems.add(start, "the file is larger than 256 KiB; is it a configuration at all?");
    return undefined;
  }
  const text = new TextDecoder().decode(bytes);
  const control = text.search(CONTROLS);
  if (control >= 0) {
    problems.add(placeOf(text, control, file), `${codePoint(text, control)} ${NOT_TEXT}`);
    return undefined;
  }
  if (!isUtf8(bytes)) {
    problems.add(firstNotUtf8(bytes, file), "this is not UTF-8; save the file as UTF-8");
    return undefined;
  }
  return text;
}

const NOT_TEXT =
  "is a control character, which cannot stand in YAML; is this a text file in UTF-8?";

/** All that YAML 1.2 does not allow, but for surrogates, which UTF-8 has not. */
const CONTROLS =
  // deno-lint-ignore no-control-regex -- to find these characters is the purpose
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

function codePoint(text: string, index: number): string {
  return `U+${text.charCodeAt(index).toString(16).toUpperCase().padStart(4, "0")}`;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function firstNotUtf8(bytes: Uint8Array, file: string): Place {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    const part = bytes.subarray(start, end);
    if (!isUtf8(part)) {
      const column = new TextDecoder().decode(part).indexOf("\ufffd") + 1;
      return { file, line, column };
    }
    start = end;
  }
  return { file, line, column: 1 };
}

function placeOf(text: string, index: number, file: string): Place {
  const before = text.slice(0, index).split("\n");
  return { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

const NEWLINE = 0x0a;
