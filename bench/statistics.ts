/** Medians, spreads and ratios of what was measured. @module */

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Round by round, so that what disturbs a whole round falls out. */
export function ratios(values: readonly number[], others: readonly number[]): readonly number[] {
  return values.slice(0, others.length).map((value, round) => value / others[round]);
}

/** `12.3 (11.0 to 14.2)`: the median, and the least and most; `—` of nothing. */
export function summary(values: readonly number[], digits: number): string {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return "—";
  const text = (value: number) => grouped(value, digits);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (text(least) === text(most)) return text(least);
  return `${text(median(known))} (${text(least)} to ${text(most)})`;
}

/** With commas between thousands. */
export function grouped(value: number, digits: number): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString("en-US", options);
}
