/** Paths as rules write them: a file, all below a folder, an ending, or a file's name. @module */
import { quoted, ValueError } from "../words/values.ts";
import type { PathPattern } from "./rule.ts";

/** What the kernel's tables have room for, in bytes; the slash of a prefix counts. */
export const LONGEST_PATH = 250;
export const LONGEST_SUFFIX = 64;
/** NAME_MAX. */
export const LONGEST_NAME = 255;

/** Parses `/a/b`, `/a/**`, `*.service` or `name`. Throws a {@link ValueError}. */
export function parsePathPattern(text: string): PathPattern {
  const pattern = readPattern(text);
  const most = LONGEST[pattern.match];
  const size = new TextEncoder().encode(pattern.text).length;
  if (size <= most) return pattern;
  throw new ValueError(`${quoted(text)} is ${size} bytes long, and can be ${most}`);
}

const LONGEST = {
  exact: LONGEST_PATH,
  prefix: LONGEST_PATH,
  suffix: LONGEST_SUFFIX,
  name: LONGEST_NAME,
} as const satisfies Record<PathPattern["match"], number>;

const FORMS = "write /a/file, /folder/** for all below it, *ending, or a name without a slash";

function readPattern(text: string): PathPattern {
  if (text.endsWith("/**")) {
    const folder = text.slice(0, -"**".length);
    return { match: "prefix", text: plainPath(folder, text) };
  }
  if (text.startsWith("*")) {
    const ending = text.slice(1);
    if (ending === "" || hasWildcard(ending)) throw unknownForm(text);
    return { match: "suffix", text: ending };
  }
  if (!text.includes("/")) {
    if (hasWildcard(text)) throw unknownForm(text);
    if (text === "." || text === "..") throw new ValueError(`${quoted(text)} is no file's name`);
    return { match: "name", text };
  }
  if (text.endsWith("/")) {
    throw new ValueError(`${quoted(text)} is a folder; write "${text}**" for all that is below it`);
  }
  return { match: "exact", text: plainPath(text, text) };
}

/** Paths are compared as the kernel resolves them: absolute, with nothing to resolve left. */
function plainPath(path: string, text: string): string {
  if (!path.startsWith("/") || hasWildcard(path)) throw unknownForm(text);
  if (/\/(\/|\.\.?(\/|$))/.test(path)) {
    throw new ValueError(`${quoted(text)} would never match; write it without "//", "." and ".."`);
  }
  return path;
}

function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

function unknownForm(text: string): ValueError {
  return new ValueError(`${quoted(text)} is no path that a rule can have; ${FORMS}`);
}
