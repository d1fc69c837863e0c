/** Values of options from their text; their errors do not say where the text was given. @module */
import { EVENT_KINDS, type EventKind } from "../events/kinds.ts";
import { escapeControls } from "../log.ts";
import { nearest } from "./nearest.ts";

/** What is wrong with a value, and what to write instead. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}

export interface NumberLimits {
  /** What the number is: "a user id". */
  readonly what: string;
  readonly least: number;
  readonly most: number;
}

/** Shows what a user wrote: in quotes, on one line, and cut where it is long. */
export function quoted(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST_QUOTE
    ? `"${escapeControls(text)}"`
    : `"${escapeControls(characters.slice(0, LONGEST_QUOTE).join(""))}..."`;
}

/** One of a few words. Throws a {@link ValueError} that names the nearest. */
export function parseChoice<T extends string>(text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const meant = nearest(text, choices);
  const all = `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
  throw new ValueError(
    meant === undefined
      ? `${quoted(text)} is none of ${all}`
      : `${quoted(text)} is none of ${all}; did you mean "${meant}"?`,
  );
}

/** `true` or `false`. */
export function parseSwitch(text: string): boolean {
  return parseChoice(text, ["true", "false"]) === "true";
}

/** Decimal digits alone, within the limits. */
export function parseWholeNumber(text: string, { what, least, most }: NumberLimits): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new ValueError(`${quoted(text)} is not ${what}; write a whole number ${least} to ${most}`);
}

/** A user's number; the kernel keeps 2^32 - 1 for "no user". */
export function parseUserId(text: string): number {
  return parseWholeNumber(text, { what: "a user id", least: 0, most: 2 ** 32 - 2 });
}

/** A process's number, up to the kernel's PID_MAX_LIMIT on 64-bit machines. */
export function parseProcessId(text: string): number {
  return parseWholeNumber(text, { what: "a process id", least: 1, most: 2 ** 22 });
}

/** Pages of a ring: a power of two, as the kernel demands. */
export function parseRingPages(text: string): number {
  const pages = parseWholeNumber(text, { what: "a number of pages", least: 1, most: 2 ** 17 });
  const below = 2 ** Math.floor(Math.log2(pages));
  if (pages === below) return pages;
  throw new ValueError(`${quoted(text)} is not a power of two; write ${below} or ${below * 2}`);
}

/** A task's name; the kernel keeps 15 bytes of it. */
export function parseComm(text: string): string {
  const size = new TextEncoder().encode(text).length;
  if (size <= LONGEST_COMM) return text;
  throw new ValueError(
    `${quoted(text)} is ${size} bytes long; the kernel keeps ${LONGEST_COMM} of a task's name, ` +
      `write what /proc/PID/comm shows`,
  );
}

/** Kinds of event separated by commas, each once and in their own order; `none` alone for none. */
export function parseEventList(text: string): readonly EventKind[] {
  const words = text.split(",").map((word) => word.trim());
  if (words.length === 1 && words[0] === NO_EVENTS) return [];
  if (words.includes(NO_EVENTS)) {
    throw new ValueError(`${quoted(text)} mixes "${NO_EVENTS}" with kinds; it stands alone`);
  }
  const wanted = words.map((word) => {
    if (word === "") throw new ValueError(`${quoted(text)} has an empty place between its commas`);
    return parseChoice<string>(word, [...EVENT_KINDS, NO_EVENTS]);
  });
  return EVENT_KINDS.filter((kind) => wanted.includes(kind));
}

/** The path metrics are served under. */
export function parseTelemetryPath(text: string): string {
  if (!text.startsWith("/")) {
    throw new ValueError(`${quoted(text)} does not begin with "/"; write "/metrics"`);
  }
  if (TAKEN_PATHS.includes(text)) {
    throw new ValueError(
      `${quoted(text)} is served already; write another path, such as "/metrics"`,
    );
  }
  // What a URL parser would change (a query, spaces, `..`) is a path that no request can name.
  if (URL.parse(`http://host${text}`)?.pathname !== text) {
    throw new ValueError(
      `${quoted(text)} is not a plain path; leave out "?", "#", spaces, "..", ` +
        `and percent-encode what is not ASCII`,
    );
  }
  return text;
}

const LONGEST_QUOTE = 80;
const LONGEST_COMM = 15;
const NO_EVENTS = "none";
const TAKEN_PATHS: readonly string[] = ["/", "/healthz", "/readyz"];
