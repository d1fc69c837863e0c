/** What the agent has to show, and whether it does. @module */
import { median, summary } from "./statistics.ts";

/** One line of the table of targets. */
export interface Target {
  readonly what: string;
  readonly aim: string;
  readonly measured: string;
  /** Undefined where nothing was measured. */
  readonly reached: boolean | undefined;
}

/** A figure with what it has to be; the median decides. */
export interface Aim {
  readonly what: string;
  readonly values: readonly number[];
  readonly limit: number;
  readonly unit: string;
  readonly digits: number;
}

/**
 * CPU in µs of opensnoop, for each of 50,000 opens a second, on the machine on which the aims were set before
 * the agent was written.
 */
export const OPENSNOOP_THERE = 4.7;

export function atLeast(aim: Aim): Target {
  return target(aim, "at least", (value) => value >= aim.limit);
}

export function atMost(aim: Aim): Target {
  return target(aim, "at most", (value) => value <= aim.limit);
}

function target(
  { what, values, limit, unit, digits }: Aim,
  relation: string,
  holds: (value: number) => boolean,
): Target {
  const middle = median(values);
  return {
    what,
    aim: `${relation} ${limit}${unit}`,
    measured: Number.isNaN(middle) ? "not measured" : `${summary(values, digits)}${unit}`,
    reached: Number.isNaN(middle) ? undefined : holds(middle),
  };
}
