/** What to add to the boot clock, on which the kernel times events, for wall-clock time. @module */
import type { Libc } from "./libc.ts";

/** The distance of wall-clock time from CLOCK_BOOTTIME, as last measured. */
export interface WallClock {
  /** Whole seconds to add to boot time. */
  readonly offsetSeconds: number;
  /** Nanoseconds to add besides, 0 to 999,999,999. */
  readonly offsetNanoseconds: number;
}

/** The two clocks, each read in nanoseconds. */
export interface Clocks {
  realtime(): bigint;
  boottime(): bigint;
}

const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;
const BILLION = 1_000_000_000n;
const ATTEMPTS = 5;

/**
 * Measures the distance by reading the boot clock between two readings of the wall clock.
 *
 * NTP slews both alike, so the distance changes only when somebody sets the time. A distance that
 * the new measurement allows is kept: its noise could make a later event seem earlier.
 */
export class BootClock implements WallClock {
  readonly #clocks: Clocks;
  #offset: bigint | undefined;
  #seconds = 0;
  #nanoseconds = 0;

  /** Measures once. */
  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.refresh();
  }

  get offsetSeconds(): number {
    return this.#seconds;
  }

  get offsetNanoseconds(): number {
    return this.#nanoseconds;
  }

  /** Measures again. */
  refresh(): void {
    const { lowest, highest } = this.#measure();
    if (this.#offset !== undefined && lowest <= this.#offset && this.#offset <= highest) return;
    this.#offset = (lowest + highest) / 2n;
    // Seconds since the epoch stay far below 2^53. The kernel keeps the wall clock ahead of the
    // monotonic one, but a suspended machine may have booted "before" the epoch: round down.
    const nanoseconds = ((this.#offset % BILLION) + BILLION) % BILLION;
    this.#seconds = Number((this.#offset - nanoseconds) / BILLION);
    this.#nanoseconds = Number(nanoseconds);
  }

  /** Between which bounds the distance lies, by the quickest of some attempts. */
  #measure(): { readonly lowest: bigint; readonly highest: bigint } {
    let best = this.#bracket();
    for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
      const next = this.#bracket();
      if (next.highest - next.lowest < best.highest - best.lowest) best = next;
    }
    return best;
  }

  #bracket(): { readonly lowest: bigint; readonly highest: bigint } {
    const before = this.#clocks.realtime();
    const boottime = this.#clocks.boottime();
    const after = this.#clocks.realtime();
    return { lowest: before - boottime, highest: after - boottime };
  }
}

/** The kernel's clocks, by clock_gettime(2). */
export function systemClocks(libc: Libc): Clocks {
  const timespec = new BigInt64Array(2);
  const read = (clock: number): bigint => {
    // It fails for unknown clocks only, and both of these are older than any kernel with BTF.
    libc.symbols.clock_gettime(clock, timespec);
    return timespec[0] * BILLION + timespec[1];
  };
  return {
    realtime: () => read(CLOCK_REALTIME),
    boottime: () => read(CLOCK_BOOTTIME),
  };
}
