/** Lines to standard output, which may block for as long as its reader likes. @module */
import type { OutputCounters } from "../counters/reading.ts";
import { EVENT_KINDS, KIND_MASK, perKind } from "../events/kinds.ts";
import { EventHeader } from "../events/layout.gen.ts";
import { Batch } from "./batch.ts";
import type { Format, Output, RecordView } from "./output.ts";
import { word } from "../events/record.ts";
import { MOST_LINE, shortRecord } from "./short_record.ts";

export interface StdoutOptions {
  readonly name: string;
  readonly format: Format;
  /**
   * Writes some of the bytes, at least one, and tells how many, at once where it can; throws or
   * rejects with a BrokenPipe where nobody reads any more.
   */
  readonly write: (bytes: Uint8Array<ArrayBuffer>) => number | Promise<number>;
  /** Tells whether anybody can still read. Without it, only a write finds that out. */
  readonly isRead?: () => boolean;
  /**
   * Makes the write under way tell at once what it has written, or reject if nothing, and all later
   * ones reject. Without it, what a write that does not end in time has written counts as dropped.
   */
  readonly abandon?: () => void;
  /** Bytes of each of the two buffers: one fills while the other is written. */
  readonly bufferSize?: number;
}

const DEFAULT_BUFFER_SIZE = 2 * 1024 * 1024;
/** How long an abandoned write may take to say what it did. */
const ABANDON_MS = 50;
const NEWLINE = Uint8Array.of(0x0a);

/**
 * Two buffers and one write under way; what finds no room is dropped and counted. A line is emitted
 * when the operating system has taken its last byte. One that would be longer than {@link MOST_LINE}
 * has less of its names.
 */
export class StdoutOutput implements Output {
  readonly name: string;
  readonly #options: StdoutOptions;
  readonly #format: Format;
  readonly #busyBelow: number;
  readonly #emitted = new Float64Array(EVENT_KINDS.length);
  readonly #dropped = new Float64Array(EVENT_KINDS.length);
  readonly #queued = new Float64Array(EVENT_KINDS.length);
  #filling: Batch;
  #sending: Batch;
  #underWay: Promise<void> | undefined;
  #sequence = 0;
  /** Whether the last line that was written lacks its end: the next one must not continue it. */
  #torn = false;
  #closed = false;
  #ended = false;
  #lastError: Error | undefined;

  constructor(options: StdoutOptions) {
    const bufferSize = options.bufferSize ?? DEFAULT_BUFFER_SIZE;
    this.name = options.name;
    this.#options = options;
    this.#format = options.format;
    this.#busyBelow = bufferSize / 4;
    this.#filling = new Batch(bufferSize);
    this.#sending = new Batch(bufferSize);
  }

  get closed(): boolean {
    return this.#closed;
  }

  checkReader(): void {
    if (this.#options.isRead?.() === false) this.#closed = true;
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

  accept(view: RecordView, at: number, size: number): void {
    const first = word(view, at, EventHeader.kind);
    const kind = first & KIND_MASK;
    const sequence = ++this.#sequence;
    let most = this.#format.maxLineSize(size);
    if (first !== kind) most += this.#format.maxRuleSize(view, at);
    if (!this.#makeRoom(most)) {
      this.#dropped[kind]++;
      return;
    }
    const batch = this.#filling;
    let end = this.#format.write(view, at, sequence, batch.bytes, batch.end);
    if (end - batch.end > MOST_LINE) {
      const short = shortRecord(view, at);
      end = this.#format.write(short.view, short.at, sequence, batch.bytes, batch.end);
    }
    batch.add(kind, end);
    this.#queued[kind]++;
  }

  flush(): void {
    if (this.#underWay !== undefined || this.#filling.isEmpty) return;
    const batch = this.#filling;
    const sent = this.#send(batch);
    if (sent === undefined) return;
    this.#filling = this.#sending;
    this.#sending = batch;
    this.#underWay = sent.then(() => {
      this.#underWay = undefined;
      this.flush();
    });
  }

  counters(): OutputCounters {
    return {
      name: this.name,
      emitted: perKind((_, kind) => this.#emitted[kind]),
      dropped: perKind((_, kind) => this.#dropped[kind]),
      queued: perKind((_, kind) => this.#queued[kind]),
    };
  }

  async idle(): Promise<void> {
    await this.#underWay;
  }

  async close(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    this.flush();
    while (this.#underWay !== undefined && performance.now() < deadline) {
      await settledWithin(this.#underWay, deadline - performance.now());
    }
    this.#ended = true;
    if (this.#underWay !== undefined && this.#options.abandon !== undefined) {
      this.#options.abandon();
      await settledWithin(this.#underWay, ABANDON_MS);
    }
    this.#sending.clear(this.#drop);
    this.#filling.clear(this.#drop);
  }

  #makeRoom(size: number): boolean {
    if (this.#closed || this.#ended) return false;
    if (this.#filling.room >= size) return true;
    this.flush();
    return this.#filling.room >= size;
  }

  /** Writes a batch as far as it can be written, at once or when the promise resolves; never rejects. */
  #send(batch: Batch): Promise<void> | undefined {
    const ended = (error?: unknown) => this.#endSending(batch, error);
    try {
      const waiting = this.#sendSome(batch);
      if (waiting !== undefined) return waiting.then(() => ended(), ended);
      ended();
    } catch (error) {
      ended(error);
    }
    return undefined;
  }

  /** Writes what can be written at once; a promise where the rest has to wait. */
  #sendSome(batch: Batch): Promise<void> | undefined {
    while (!this.#ended && (this.#torn || !batch.isWritten)) {
      const count = this.#options.write(this.#torn ? NEWLINE : batch.unwritten());
      if (typeof count !== "number") {
        return count.then((late) => {
          this.#advance(batch, late);
          return this.#sendSome(batch);
        });
      }
      this.#advance(batch, count);
    }
    return undefined;
  }

  #advance(batch: Batch, count: number): void {
    if (count === 0) throw new Error("Cannot write to stdout: it takes nothing");
    if (this.#torn) this.#torn = false;
    else batch.advance(count, this.#emit);
  }

  #endSending(batch: Batch, error: unknown): void {
    if (error !== undefined) this.#fail(error instanceof Error ? error : new Error(String(error)));
    this.#torn ||= batch.isTorn;
    batch.clear(this.#drop);
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#lastError = error;
    if (!(error instanceof Deno.errors.BrokenPipe)) return;
    this.#closed = true;
    this.#filling.clear(this.#drop);
  }

  readonly #emit = (kind: number): void => {
    this.#queued[kind]--;
    this.#emitted[kind]++;
  };

  readonly #drop = (kind: number): void => {
    this.#queued[kind]--;
    this.#dropped[kind]++;
  };
}

/** Waits until a promise has settled, for at most so many milliseconds. */
async function settledWithin(promise: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
