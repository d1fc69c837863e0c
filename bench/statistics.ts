/** Medians and spreads of what was measured. @module */

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `12.3 (11.0 to 14.2)`: the median, and the least and most. */
export function summary(values: readonly number[], digits: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const text = (value: number) => value.toFixed(digits);
  return `${text(median(values))} (${text(least)} to ${text(most)})`;
}
