/** Boot time of a record to wall-clock time in decimal bytes. @module */
import type { WallClock } from "../kernel/clock.ts";
import { type Constant, constant, put, putNineDigits, putSixDigits } from "./bytes.ts";

const BILLION = 1_000_000_000;

/** How a time is written: a text for its whole second, then the digits of the fraction. */
export interface TimeStyle {
  /** The bytes in front of the fraction, for seconds since the epoch. */
  readonly second: (seconds: number) => string;
  readonly fraction: "microseconds" | "nanoseconds";
}

/** Writes times in one style; what stands for the whole second is kept until the second changes. */
export class TimeWriter {
  readonly #clock: WallClock;
  readonly #style: TimeStyle;
  readonly #inMicroseconds: boolean;
  #second = -1;
  #secondText: Constant = constant("");

  constructor(clock: WallClock, style: TimeStyle) {
    this.#clock = clock;
    this.#style = style;
    this.#inMicroseconds = style.fraction === "microseconds";
  }

  /**
   * Writes the wall-clock time of `low + high * 2^32` nanoseconds of boot time (two unsigned 32-bit
   * halves) and returns the offset behind it.
   *
   * Doubles suffice for every 64-bit time, 584 years of uptime, because `high` is split once more:
   * 2^48 ns are 281,474 s and 976,710,656 ns, 2^32 ns are 4 s and 294,967,296 ns. With factors below
   * 2^16 the sum of nanoseconds stays below 2^47.
   */
  put(out: DataView, offset: number, low: number, high: number): number {
    const upper = high >>> 16;
    const lower = high & 0xffff;
    const nanoseconds = upper * 976_710_656 + lower * 294_967_296 + low +
      this.#clock.offsetNanoseconds;
    const carry = Math.floor(nanoseconds / BILLION);
    const second = upper * 281_474 + lower * 4 + carry + this.#clock.offsetSeconds;
    const fraction = nanoseconds - carry * BILLION;
    if (second !== this.#second) this.#enter(second);
    const to = put(out, offset, this.#secondText);
    return this.#inMicroseconds
      ? putSixDigits(out, to, (fraction / 1000) | 0)
      : putNineDigits(out, to, fraction | 0);
  }

  #enter(second: number): void {
    this.#second = second;
    this.#secondText = constant(this.#style.second(second));
  }
}

/** RFC 3339 in UTC, without a fraction and a zone. */
export function rfc3339Second(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, -".000Z".length);
}
