/** Durations as users write them (`500ms`, `1s`, `5m`, `1h`), and back. @module */
import { quoted, ValueError } from "../words/values.ts";

export interface DurationLimits {
  /** In milliseconds. */
  readonly least: number;
  /** In milliseconds. */
  readonly most: number;
}

/** The longest time a timer can wait: 2^31 - 1 ms, here in whole days. */
export const LONGEST_DURATION_MS = 24 * 24 * 3_600_000;

/** Parses a whole number with a unit to milliseconds. Throws a {@link ValueError}. */
export function parseDuration(text: string, limits: DurationLimits): number {
  const [, digits, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = UNITS.find(([name]) => name === unit)?.[1];
  if (digits === undefined || factor === undefined) {
    if (/^\d+$/.test(text)) throw withoutUnit(text, limits);
    throw new ValueError(
      `${quoted(text)} is not a duration; write a whole number with ms, s, m or h, such as 5m`,
    );
  }
  const milliseconds = Number(digits) * factor;
  const { least, most } = limits;
  if (milliseconds < least) throw tooShort(text, limits);
  if (milliseconds > most) {
    throw new ValueError(`${quoted(text)} is too long; the most is ${formatDuration(most)}`);
  }
  return milliseconds;
}

/** Writes milliseconds in the largest unit that leaves a whole number. */
export function formatDuration(milliseconds: number): string {
  const [unit, factor] = UNITS.find(([, size]) => milliseconds % size === 0) ?? ["ms", 1];
  return `${milliseconds / factor}${unit}`;
}

/** What to write instead has to be right itself: no unit helps a zero, and seconds may be too long. */
function withoutUnit(text: string, limits: DurationLimits): ValueError {
  if (Number(text) === 0) return tooShort(text, limits);
  const advice = Number(text) * 1000 > limits.most
    ? "write ms, s, m or h behind it"
    : `write "${text}s" for seconds, or ms, m or h`;
  return new ValueError(`${quoted(text)} has no unit; ${advice}`);
}

function tooShort(text: string, { least }: DurationLimits): ValueError {
  return new ValueError(`${quoted(text)} is too short; the least is ${formatDuration(least)}`);
}

const UNITS = [["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]] as const;
