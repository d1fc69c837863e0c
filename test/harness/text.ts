/** Reads the text events, and undoes their escapes; written apart from what it tests. @module */
import { decodeText, encodeText } from "./bytes.ts";

/** One line each, without the newline. */
export function textLines(stdout: Uint8Array): readonly string[] {
  const lines = decodeText(stdout).split("\n");
  if (lines.pop() !== "") throw new Error("The last line has no end");
  return lines;
}

/** The bytes that an escaped name stands for. */
export function unescape(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [part] of text.matchAll(/\\x[0-9a-fA-F]{2}|\\\\|[^\\]|\\/gu)) {
    if (part === "\\") throw new Error(`No escape: ${JSON.stringify(text)}`);
    if (part.startsWith("\\x")) bytes.push(parseInt(part.slice(2), 16));
    else if (part === "\\\\") bytes.push(0x5c);
    else bytes.push(...encodeText(part));
  }
  return Uint8Array.from(bytes);
}

/** What a terminal would act on, or a reader be misled by: none of it may stand in a line. */
export const HARMFUL =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
