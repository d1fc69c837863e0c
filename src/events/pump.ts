/** Keeps the rings drained: sleeps until the doorbell rings, then drains until they are empty. @module */
import { setImmediate } from "node:timers";
import type { Output } from "../outputs/output.ts";
import type { Doorbell } from "./doorbell.ts";
import type { Drain } from "./drain.ts";
import type { Rings } from "./rings.ts";

/** Records taken out before the event loop gets a turn: about a millisecond's work. */
const BATCH = 1024;
/** How long a full output may hold the draining back before it is taken for blocked. */
const GRACE_MS = 50;

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
  readonly #blocked = new Set<Output>();
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
      if (await this.drainAll() === 0) {
        await this.#parts.doorbell.rung();
        await this.drainAll();
      }
      await delay(this.#parts.doorbellMs + 1);
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
      const taken = drain.run(BATCH);
      total += taken;
      for (const output of outputs) output.flush();
      if (outputs.some((output) => output.closed)) this.#parts.onClosed();
      if (taken < BATCH) return total;
      await nextTurn();
      await this.#holdBack();
    }
  }

  /** Waits for an output whose queue is full, once: while it stays so, events are dropped. */
  async #holdBack(): Promise<void> {
    for (const output of this.#parts.outputs) {
      if (!output.busy) {
        this.#blocked.delete(output);
      } else if (!this.#blocked.has(output)) {
        await Promise.race([output.idle(), delay(GRACE_MS)]);
        if (output.busy) this.#blocked.add(output);
      }
    }
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets the event loop serve requests and finish writes: setTimeout would take milliseconds. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
