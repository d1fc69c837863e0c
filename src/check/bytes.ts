/** Sizes for people. @module */

/** A number of bytes in MiB, with a decimal where it is less than ten of them. */
export function mebibytes(bytes: number): string {
  const number = bytes / 2 ** 20;
  return `${number < 10 ? Number(number.toFixed(1)) : Math.round(number)} MiB`;
}
