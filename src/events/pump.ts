/** Keeps the rings drained: sleeps until the doorbell rings, and then drains them until they are empty.
 *
 * Records that come soon after others wait, to be taken out together; where many come, the rings are
 * looked at by the clock, and nobody has to ring.
 *
 * Where nothing happens it sleeps as Deno programs do, in a turn of the event loop. While events
 * come it sleeps on this thread, which costs a third, and lets the loop have its turn where that has
 * something to do: a request, a signal, a write under way, and timers now and then.
 * @module */
import { setImmediate } from "node:timers";
import type { Output } from "../outputs/output.ts";
import type { Doorbell } from "./doorbell.ts";
import type { Drain } from "./drain.ts";
import type { EventLoop } from "./event_loop.ts";
import type { Rings } from "./transport.ts";

/** Records taken out before the event loop gets a turn: about a millisecond's work. */
const BATCH = 1024;
/** Records a second, from which on there will be some at the next look anyway. */
const STEADY = 150;
/** From which on they are not waited for. */
const MANY = 75_000;
/** From one look to the next, in milliseconds. */
const SHORTEST_PAUSE = 5;
const SOON = 6;
const LONGEST_PAUSE = 50;
/** So many records a second make a pause a millisecond longer. */
const PER_MS = 20;
/** Bytes in a millisecond that a CPU writes into its ring when it does little else. */
const FASTEST = 50_000;
/** How full a ring may become while a full output holds the draining back, and between two looks. */
const FULL_ENOUGH = 0.5;
const FILLING = 0.1;
/** How long a full output is waited for before the rings are looked at again. */
const HOLD_MS = 5;
/** The event loop gets a turn at least so often: what its timers may be late by. */
const TURN_MS = 100;
/** A request takes several turns: so long after one that was needed, every sleep is the loop's. */
const REQUEST_MS = 150;
/** After so long without an event, the next is waited for as Deno programs do. */
const LULL_MS = 100;

export interface PumpParts {
  readonly drain: Drain;
  readonly outputs: readonly Output[];
  readonly doorbell: Doorbell;
  readonly loop: EventLoop;
  readonly rings: Rings;
  /** Called when the doorbell has rung for something else than a record, and now and then. */
  onRung(): void;
  /** Called when an output finds that nobody reads any more. */
  onClosed(): void;
}

export class Pump {
  readonly #parts: PumpParts;
  readonly #longestPause: number;
  #stopped = false;
  /** When the event loop had its last turn, and until when it is left to do what it does. */
  #turnAt = 0;
  #loopUntil = 0;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#longestPause = longestPause(
      Math.min(...parts.rings.events.map(({ capacity }) => capacity)),
    );
  }

  /** Runs until {@link stop}. */
  async run(): Promise<void> {
    const { drain, onRung } = this.#parts;
    let [perSecond, fill, pause] = [0, 0, SOON];
    let [lastAt, lastLookAt] = [0, 0];
    while (!this.#stopped) {
      if (perSecond < STEADY) {
        await this.#nextRecord(lastAt + LULL_MS);
        pause = SOON;
      } else {
        // What looks like few may be how many begin.
        pause = Math.min(pauseAt(perSecond, fill, this.#longestPause), 2 * pause);
      }
      await this.#pause(lastLookAt + pause - performance.now());
      fill = drain.fill();
      // Nobody has rung for a record, or nobody has to ring.
      if (fill === 0 || perSecond >= STEADY) onRung();
      const taken = await this.drainAll();
      const now = performance.now();
      perSecond = 1000 * taken / (now - lastAt);
      lastLookAt = now;
      if (taken > 0) lastAt = now;
    }
  }

  /** Ends {@link run} after the batch under way. */
  stop(): void {
    this.#stopped = true;
    this.#parts.doorbell.ring();
  }

  /** Has the event loop sleep in this one's place for a while: somebody asks, and is to be answered. */
  leaveToLoop(): void {
    this.#loopUntil = performance.now() + REQUEST_MS;
  }

  /** To be called each second: looks whether what is written is still read, and for what did not ring. */
  tick(): void {
    const { outputs, drain, doorbell } = this.#parts;
    for (const output of outputs) output.checkReader?.();
    this.#tellClosed();
    if (drain.fill() > 0) doorbell.ring();
  }

  /** Drains until the rings are empty; returns how many records they held. */
  async drainAll(): Promise<number> {
    const { drain, outputs } = this.#parts;
    for (let total = 0;;) {
      const patient = this.#mayWait;
      const taken = drain.run(BATCH, patient);
      const heldUp = patient && drain.isHeldUp;
      total += taken;
      for (const output of outputs) output.flush();
      this.#tellClosed();
      if (heldUp) await this.#turn(() => this.#holdBack());
      else if (taken < BATCH) return total;
      else if (this.#isLoopNeeded() || this.#isLoopsTurn()) await this.#turn(nextTurn);
    }
  }

  #tellClosed(): void {
    const { outputs, onClosed } = this.#parts;
    if (outputs.some(({ closed }) => closed)) onClosed();
  }

  /**
   * Sleeps until there is a record, or until it was rung for something else: until `lullAt` on this
   * thread, and then, or where the event loop has more to do, in its turn.
   */
  async #nextRecord(lullAt: number): Promise<void> {
    const { drain, doorbell } = this.#parts;
    doorbell.listen();
    while (!this.#stopped && drain.fill() === 0) {
      const left = lullAt - performance.now();
      if (left <= 0 || this.#isLoopBusy()) return this.#turn(() => doorbell.rung());
      if (this.#isTurnDue()) await this.#turn(nextTurn);
      else if (doorbell.sleep(Math.min(left, TURN_MS))) {
        if (drain.fill() > 0 || !this.#isLoopNeeded()) return;
      }
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    const end = performance.now() + milliseconds;
    if (!this.#isLoopsTurn() && !this.#isLoopNeeded(milliseconds)) return;
    const left = end - performance.now();
    if (left > 0) await this.#turn(() => delay(left));
  }

  /** Sleeps for so many milliseconds or until the event loop is needed, and tells whether it is. */
  #isLoopNeeded(milliseconds = 0): boolean {
    const needed = this.#parts.loop.sleep(milliseconds);
    if (needed) this.leaveToLoop();
    return needed;
  }

  #isLoopsTurn(): boolean {
    return this.#isLoopBusy() || this.#isTurnDue();
  }

  /** Whether the event loop had no turn for long. */
  #isTurnDue(): boolean {
    return performance.now() - this.#turnAt >= TURN_MS;
  }

  /**
   * Whether the event loop is to have the thread for as long as this one sleeps: it was needed just
   * now, or nobody would notice otherwise that a write, which another thread waits for, can go on.
   */
  #isLoopBusy(): boolean {
    const { loop, outputs } = this.#parts;
    return !loop.isWatched || performance.now() < this.#loopUntil ||
      outputs.some(({ writing }) => writing);
  }

  async #turn(wait: () => Promise<void>): Promise<void> {
    await wait();
    this.#turnAt = performance.now();
    // A turn itself leaves word that one is needed.
    this.#parts.loop.isNeeded();
  }

  /**
   * Whether to wait for an output that is busy: for as long as the rings have room for what comes.
   * From then on the oldest events are dropped there, and the ring keeps room for the others.
   */
  get #mayWait(): boolean {
    return !this.#stopped && this.#parts.drain.fill() < FULL_ENOUGH;
  }

  async #holdBack(): Promise<void> {
    const writes = this.#parts.outputs.filter(({ busy }) => busy).map((output) => output.idle());
    await Promise.race([...writes, delay(HOLD_MS)]);
  }
}

/**
 * How long to look away, in milliseconds and at most `longest`, at so many records a second and with
 * the rings as full as they just were. A wake-up costs as much CPU as some hundred records: where few
 * come, each is told soon all the same; the more come, the longer they are worth waiting for; where
 * many come, they are soon worth it.
 */
export function pauseAt(perSecond: number, fill: number, longest: number): number {
  if (fill > FILLING || perSecond >= MANY) return SHORTEST_PAUSE;
  return Math.min(longest, Math.max(SOON, perSecond / PER_MS));
}

/** How long a ring may be left alone, in milliseconds: one that is empty is half full at the soonest then. */
export function longestPause(ringBytes: number): number {
  return Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, ringBytes / 2 / FASTEST));
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The event loop does what there is for it to do, and comes back at once. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
