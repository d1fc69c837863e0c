/** What the polls say in the log: what moved, the minute's summary, and losses beginning and ending. @module */
import type { Log } from "../log.ts";
import { type Delta, deltaBetween, movedCounters, total } from "./delta.ts";
import type { Output } from "../outputs/output.ts";
import type { Imbalance } from "./ledger.ts";
import type { Reading } from "./reading.ts";

const SUMMARY_MS = 60_000;

/** A loss that is said when it begins and when it has ended, not while it lasts. */
interface Loss {
  readonly of: "lost" | "missed" | "dropped";
  readonly begins: string;
  readonly ended: string;
  count(delta: Delta): number;
}

const LOST: Loss = {
  of: "lost",
  begins:
    "Events are lost: a ring is full, or a CPU came online. They are counted; see --ring.pages " +
    "and --events",
  ended: "No more events are lost",
  count: ({ lost }) => total(lost),
};

const MISSED: Loss = {
  of: "missed",
  begins: "Events are missed: the kernel did not run a probe, and no counter has them",
  ended: "No more events are missed",
  count: ({ missed }) => total(missed),
};

function dropsOf(output: string): Loss {
  return {
    of: "dropped",
    begins: `Events are dropped: ${output} takes them too slowly, or not at all. They are counted`,
    ended: `No more events are dropped: ${output}`,
    count: ({ droppedBy }) => droppedBy[output] ?? 0,
  };
}

export class PollLog {
  readonly #log: Log;
  #last: Reading;
  #minuteStart: Reading;
  readonly #losses: readonly Loss[];
  readonly #current = new Set<Loss>();
  readonly #outputs: readonly Output[];
  /** By the output's name. */
  readonly #toldErrors = new Map<string, string>();
  #balanced = true;

  /** Starts from a first reading. */
  constructor(log: Log, first: Reading, outputs: readonly Output[]) {
    this.#outputs = outputs;
    this.#losses = [LOST, MISSED, ...outputs.map(({ name }) => dropsOf(name))];
    this.#log = log;
    this.#last = first;
    this.#minuteStart = first;
  }

  /** Takes the reading of a poll, and returns what happened since the last one. */
  observe(reading: Reading & { readonly imbalances: readonly Imbalance[] }): Delta {
    const delta = deltaBetween(this.#last, reading);
    const moved = movedCounters(delta);
    if (Object.keys(moved).length > 0) this.#log.debug("Counters moved", moved);
    for (const loss of this.#losses) this.#sayLoss(loss, delta);
    this.#sayBalance(reading.imbalances);
    this.#sayErrors();
    if (reading.atMs - this.#minuteStart.atMs >= SUMMARY_MS) {
      const minute = deltaBetween(this.#minuteStart, reading);
      this.#log.info("The last minute", movedCounters(minute));
      this.#minuteStart = reading;
    }
    this.#last = reading;
    return delta;
  }

  #sayLoss(loss: Loss, delta: Delta): void {
    const count = loss.count(delta);
    if (count > 0 && !this.#current.has(loss)) {
      this.#current.add(loss);
      this.#log.warn(loss.begins, { [loss.of]: count });
    } else if (count === 0 && this.#current.delete(loss)) {
      this.#log.info(loss.ended);
    }
  }

  #sayErrors(): void {
    for (const { name, lastError } of this.#outputs) {
      if (lastError === undefined || lastError.message === this.#toldErrors.get(name)) continue;
      this.#toldErrors.set(name, lastError.message);
      this.#log.error(`Cannot write events to ${name}`, { because: lastError.message });
    }
  }

  #sayBalance(imbalances: readonly Imbalance[]): void {
    const balanced = imbalances.length === 0;
    if (balanced === this.#balanced) return;
    this.#balanced = balanced;
    if (balanced) this.#log.info("The ledger closes again");
    else this.#log.error("The ledger does not close", { because: imbalances.join("; ") });
  }
}
