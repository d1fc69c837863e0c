/**
 * The agent's pulse: a poll each interval, a look around each second, and the watchdog that is fed while
 * polls are on time.
 * @module
 */
import { every } from "../timer.ts";

/** How often is looked for what nobody tells of. */
const LOOK_MS = 1000;
/** Polls that may be late before the loop is taken for stuck. */
const LATE_POLLS = 5;

/** What is done at each beat. */
export interface Beats {
  /** Each interval. */
  poll(): void;
  /** Each second, whatever the interval. */
  look(): void;
}

/** What is told that the loop is alive. */
export interface Watchdog {
  /** How often it has to be told; undefined where nobody listens. */
  readonly watchdogMs: number | undefined;
  alive(): void;
}

export class Polls {
  #intervalMs: number;
  #lastMs = Date.now();
  /** The same by a clock that nobody sets. */
  #lastAt = performance.now();
  /** Set while polls are made. */
  #restart: (() => void) | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** When the last poll was, in milliseconds since the epoch. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Whether the loop polls as it should, whatever time the machine is set to. */
  areOnTime(): boolean {
    return performance.now() - this.#lastAt < LATE_POLLS * this.#intervalMs;
  }

  /** Changes the interval, from now on. */
  setInterval(intervalMs: number): void {
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#restart?.();
  }

  /** Polls and looks around, until disposed. */
  start({ poll, look }: Beats): Disposable {
    let lookedAt = this.#lastAt;
    const lookNow = () => {
      lookedAt = performance.now();
      look();
    };
    const pollNow = () => {
      this.#lastMs = Date.now();
      this.#lastAt = performance.now();
      poll();
      // In one wake-up, which costs more than all that is done in it.
      if (this.#lastAt - lookedAt >= LOOK_MS - this.#intervalMs / 2) lookNow();
    };
    const timers = () => {
      const stack = new DisposableStack();
      stack.use(every(this.#intervalMs, pollNow));
      if (this.#intervalMs > LOOK_MS) stack.use(every(LOOK_MS, lookNow));
      return stack;
    };
    let running = timers();
    this.#restart = () => {
      running.dispose();
      // By a shorter interval the last poll may be too long ago.
      pollNow();
      running = timers();
    };
    return {
      [Symbol.dispose]: () => {
        this.#restart = undefined;
        running.dispose();
      },
    };
  }

  /** Tells the watchdog three times as often as it asks for, while polls are on time. */
  feed(watchdog: Watchdog): Disposable {
    if (watchdog.watchdogMs === undefined) return { [Symbol.dispose]: () => {} };
    return every(watchdog.watchdogMs / 3, () => {
      if (this.areOnTime()) watchdog.alive();
    });
  }
}
