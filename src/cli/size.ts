/** Sizes of files as users write them: `512KiB`, `100MiB`, `1GiB`. @module */
import { quoted, ValueError } from "../words/values.ts";

export interface SizeLimits {
  /** In bytes. */
  readonly least: number;
  /** In bytes. */
  readonly most: number;
}

/** Parses a whole number with a unit to bytes. Throws a {@link ValueError}. */
export function parseSize(text: string, { least, most }: SizeLimits): number {
  const [, digits, unit] = /^(\d+)(KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  const factor = UNITS.find(([name]) => name === unit)?.[1];
  if (digits === undefined || factor === undefined) {
    // No unit helps a zero.
    if (/^0+$/.test(text)) throw tooSmall(text, least);
    throw new ValueError(
      /^\d+$/.test(text)
        ? `${quoted(text)} has no unit; write KiB, MiB, GiB or TiB behind it`
        : `${
          quoted(text)
        } is not a size; write a whole number with KiB, MiB, GiB or TiB, such as 100MiB`,
    );
  }
  const bytes = Number(digits) * factor;
  if (bytes < least) throw tooSmall(text, least);
  if (bytes > most) {
    throw new ValueError(`${quoted(text)} is too large; the most is ${formatSize(most)}`);
  }
  return bytes;
}

/** Writes bytes in the largest unit that leaves a whole number. */
export function formatSize(bytes: number): string {
  const [unit, factor] = UNITS.find(([, size]) => bytes % size === 0) ?? ["KiB", 2 ** 10];
  return `${bytes / factor}${unit}`;
}

function tooSmall(text: string, least: number): ValueError {
  return new ValueError(`${quoted(text)} is too small; the least is ${formatSize(least)}`);
}

const UNITS = [["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const;
