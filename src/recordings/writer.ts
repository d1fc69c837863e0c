/** Raw records to a file: an output that copies what it is given and lets a thread write it. @module */
import type { OutputCounters } from "../counters/reading.ts";
import { type AgentError, failedError } from "../errors.ts";
import { EVENT_KINDS, KIND_MASK, perKind } from "../events/kinds.ts";
import { EventHeader, EventKindNumber, Origin } from "../events/layout.gen.ts";
import type { Output, RecordView } from "../outputs/output.ts";
import { word } from "../events/record.ts";
import { Block, roomFor } from "./block.ts";
import { MOST_RULES } from "../rules/rule.ts";
import type { RuleNames } from "../rules/rule_names.ts";
import { Journal, type JournalOptions } from "./journal.ts";

export interface RecordingOptions extends JournalOptions {
  readonly ruleNames: RuleNames;
  /** Of each of the two blocks: one fills while the other is written. */
  readonly blockSize?: number;
}

const DEFAULT_BLOCK_SIZE = 512 * 1024;
/** How long records may wait for others to be written with: so much is lost where the agent is killed. */
const HOLD_MS = 1000;
/** A block that is at least so full does not wait. */
const FULL_ENOUGH = 0.5;

/**
 * Two blocks and one write under way; what finds no room is dropped and counted. A record is emitted
 * when its whole block is written: a block that could not be is taken back and dropped.
 */
export class RecordingOutput implements Output {
  readonly name = "record";
  readonly closed = false;
  readonly #options: RecordingOptions;
  readonly #busyBelow: number;
  readonly #emitted = new Float64Array(EVENT_KINDS.length);
  readonly #dropped = new Float64Array(EVENT_KINDS.length);
  readonly #journal: Journal;
  #filling: Block;
  #sending: Block;
  #underWay: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastSet = 0;
  #ended = false;
  #lastError: Error | undefined;
  #hasEnd = false;

  constructor(options: RecordingOptions) {
    const blockSize = options.blockSize ?? DEFAULT_BLOCK_SIZE;
    this.#options = options;
    this.#busyBelow = blockSize / 4;
    this.#filling = new Block(blockSize);
    this.#sending = new Block(blockSize);
    this.#journal = new Journal(options);
  }

  get writing(): boolean {
    return this.#underWay !== undefined;
  }

  /** True from when three quarters are full: who is patient asks before each record. */
  get busy(): boolean {
    return this.writing && this.#filling.room < this.#busyBelow;
  }

  /** Why the last write failed, if one did. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  get failure(): AgentError | undefined {
    if (!this.#ended || (this.#hasEnd && this.#lastError === undefined)) return undefined;
    const because = this.#lastError?.message ?? "the disk did not take its end in time";
    return failedError(`Not everything is in the recording: ${because}`);
  }

  accept(view: RecordView, at: number, size: number): void {
    const first = word(view, at, EventHeader.kind);
    const kind = first & KIND_MASK;
    if (!this.#makeRoom(roomFor(size))) {
      this.#dropped[kind]++;
      return;
    }
    if (first & EventKindNumber.origin) this.#noteRules(word(view, at, Origin.ruleSet));
    this.#filling.add(kind, view, at, size);
  }

  /** Starts to write what has waited long enough, or is enough; the rest a little later. */
  flush(): void {
    if (this.#underWay !== undefined || this.#filling.isEmpty) return;
    if (this.#filling.fill >= FULL_ENOUGH) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), HOLD_MS);
  }

  counters(): OutputCounters {
    return {
      name: this.name,
      emitted: perKind((_, kind) => this.#emitted[kind]),
      dropped: perKind((_, kind) => this.#dropped[kind]),
      queued: perKind((_, kind) => this.#filling.counts[kind] + this.#sending.counts[kind]),
    };
  }

  async idle(): Promise<void> {
    await this.#underWay;
  }

  async close(timeoutMs: number): Promise<void> {
    clearTimeout(this.#timer);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([this.#finish(), late]);
    clearTimeout(timer);
    this.#ended = true;
    for (const block of [this.#filling, this.#sending]) this.#settle(block, this.#dropped);
  }

  /** Writes what is left, and the end of the file. */
  async #finish(): Promise<void> {
    while (this.#underWay !== undefined || !this.#filling.isEmpty) {
      this.#start();
      await this.#underWay;
    }
    if (this.#ended) return;
    try {
      await this.#journal.end();
      this.#hasEnd = true;
    } catch (error) {
      this.#lastError = error instanceof Error ? error : new Error(String(error));
    }
  }

  #makeRoom(size: number): boolean {
    if (this.#ended) return false;
    if (this.#filling.room >= size) return true;
    this.#start();
    return this.#filling.room >= size;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#underWay !== undefined || this.#filling.isEmpty) return;
    [this.#filling, this.#sending] = [this.#sending, this.#filling];
    this.#underWay = this.#write(this.#sending).then(() => {
      this.#underWay = undefined;
      if (!this.#ended) this.flush();
    });
  }

  /** Writes a block, or drops it; never rejects. */
  async #write(block: Block): Promise<void> {
    try {
      await this.#journal.write(block);
      this.#settle(block, this.#emitted);
    } catch (error) {
      this.#lastError = error instanceof Error ? error : new Error(String(error));
      this.#settle(block, this.#dropped);
    }
  }

  #settle(block: Block, into: Float64Array): void {
    block.counts.forEach((count, kind) => into[kind] += count);
    block.clear();
  }

  #noteRules(set: number): void {
    if (set === this.#lastSet) return;
    this.#lastSet = set;
    const names = namesOf(this.#options.ruleNames, set);
    if (names.length > 0) this.#filling.noteRules({ set, names });
  }
}

/** The names of a set's rules by their bit; up to its last. */
function namesOf(ruleNames: RuleNames, set: number): readonly string[] {
  const names = Array.from({ length: MOST_RULES }, (_, bit) => {
    const mask = (1 << (bit & 31)) >>> 0;
    const [rule] = bit < 32 ? ruleNames.of(set, mask, 0) : ruleNames.of(set, 0, mask);
    return rule?.name ?? "";
  });
  return names.slice(0, names.findLastIndex((name) => name !== "") + 1);
}
