/** Looks at records that tell their origin, before the outputs get them. @module */
import type { RecordView } from "../outputs/output.ts";
import { word } from "./record.ts";
import type { ArgsConfirmation } from "../rules/confirmation.ts";
import type { SudoSessions } from "../sudo/sessions.ts";
import { EVENT_KINDS, type EventKind, KIND_MASK } from "./kinds.ts";
import { EventHeader, Origin } from "./layout.gen.ts";
import { viewOf } from "./ring.ts";

/** Larger than any record. */
const SCRATCH = 1 << 16;

export interface InspectorParts {
  readonly confirmation: ArgsConfirmation;
  /** Undefined where the agent does not see enough to tell of it. */
  readonly sudo: SudoSessions | undefined;
  /** The kinds of event that are delivered whether rules match them or not. */
  readonly delivered: readonly EventKind[];
}

export class Inspector {
  readonly #parts: InspectorParts;
  readonly #delivered: number;
  readonly #scratch = viewOf(new ArrayBuffer(SCRATCH));
  /** The record as outputs get it: where it lay, or a copy with other rules in it. */
  view: RecordView = this.#scratch;
  at = 0;

  constructor(parts: InspectorParts) {
    this.#parts = parts;
    this.#delivered = parts.delivered
      .reduce((mask, kind) => mask | 1 << EVENT_KINDS.indexOf(kind), 0);
  }

  /**
   * Looks at the record of `size` bytes that starts at `at`, with its origin. False where nobody asks
   * for it after all: it came for rules alone, and its arguments speak against them.
   */
  inspect(view: RecordView, at: number, size: number): boolean {
    const { confirmation, sudo } = this.#parts;
    sudo?.observe(view, at);
    this.view = view;
    this.at = at;
    if (!confirmation.isAsked(view, at)) return true;
    // The memory of the kernel's ring buffer is there to be read alone.
    this.#scratch.bytes.set(view.bytes.subarray(at, at + size));
    this.view = this.#scratch;
    this.at = 0;
    confirmation.confirm(this.view, this.at);
    return this.#isWanted();
  }

  #isWanted(): boolean {
    const { view, at } = this;
    if ((word(view, at, Origin.rulesLow) | word(view, at, Origin.rulesHigh)) !== 0) return true;
    return (this.#delivered >> (word(view, at, EventHeader.kind) & KIND_MASK) & 1) === 1;
  }
}
