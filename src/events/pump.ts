/** Keeps the rings drained: sleeps until the doorbell rings, then drains until they are empty. @module */
import { setImmediate } from "node:timers";
import type { Output } from "../outputs/output.ts";
import type { Doorbell } from "./doorbell.ts";
import type { Drain } from "./drain.ts";
import type { Rings } from "./rings.ts";

/** Records taken out before the event loop gets a turn: about a millisecond's work. */
const BATCH = 1024;
/** Records of one look: below, about a thousand a second; from MANY on, sixteen thousand. */
const FEW = 8;
const MANY = 256;
/** How full a ring may become while a full output holds the draining back. */
const FULL_ENOUGH = 0.5;
/** How long a full output is waited for before the rings are looked at again. */
const HOLD_MS = 5;

export interface PumpParts {
  readonly drain: Drain;
  readonly outputs: readonly Output[];
  readonly doorbell: Doorbell;
  readonly rings: Rings;
  /** A CPU rings at most this often; what comes in between is found by looking again. */
  readonly doorbellMs: number;
  /** Called when an output finds that nobody reads any more. */
  onClosed(): void;
}

export class Pump {
  readonly #parts: PumpParts;
  #stopped = false;

  constructor(parts: PumpParts) {
    this.#parts = parts;
  }

  /**
   * Runs until {@link stop}. An event that comes within `doorbellMs` after a ring comes without
   * one, so after each ring and each record the rings are looked at again, that much later; only
   * after a look that found nothing is it safe to wait for the doorbell.
   */
  async run(): Promise<void> {
    while (!this.#stopped) {
      let taken = await this.drainAll();
      if (taken === 0) {
        await this.#parts.doorbell.rung();
        taken = await this.drainAll();
      }
      await delay(Math.max(pauseAfter(taken), this.#parts.doorbellMs + 1));
    }
  }

  /** Ends {@link run} after the batch under way. */
  stop(): void {
    this.#stopped = true;
    this.#parts.doorbell.stop();
  }

  /** Drains until the rings are empty; returns how many records they held. */
  async drainAll(): Promise<number> {
    const { drain, outputs, rings } = this.#parts;
    rings.clearDoorbell();
    for (let total = 0;;) {
      const patient = this.#mayWait;
      const taken = drain.run(BATCH, patient);
      const heldUp = patient && drain.isHeldUp;
      total += taken;
      for (const output of outputs) output.flush();
      if (outputs.some((output) => output.closed)) this.#parts.onClosed();
      if (heldUp) await this.#holdBack();
      else if (taken < BATCH) return total;
      else await nextTurn();
    }
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
 * How long to look away after so many records, in milliseconds. A wake-up costs as much CPU as some
 * hundred records: where few come, each is told soon all the same; where some come, they are worth
 * waiting for; where many come, the rings must not fill.
 */
export function pauseAfter(records: number): number {
  if (records < FEW) return 8;
  return records < MANY ? 16 : 6;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets the event loop serve requests and finish writes: setTimeout would take milliseconds. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
