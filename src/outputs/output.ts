/** What the drain needs of an output, and what an output needs of a format. @module */
import type { OutputCounters } from "../counters/reading.ts";
import type { AgentError } from "../errors.ts";

/** A record where it lies: in a mapped ring, or in scratch memory where it wrapped around. */
export interface RecordView {
  /** The memory as bytes, as 32-bit words, and as words that may start anywhere. */
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly data: DataView;
}

/** Turns one record into one line of bytes. */
export interface Format {
  /** The most bytes that a record of `size` bytes can become, without the rules that matched it. */
  maxLineSize(size: number): number;
  /** How many bytes those rules take, which the origin at byte `at` of `view` names. */
  maxRuleSize(view: RecordView, at: number): number;
  /**
   * Writes the record that starts at byte `at` (a multiple of 4) of `view` into `out` from `offset`,
   * a newline at its end, and returns the offset behind it. There is room for what these two say.
   */
  write(view: RecordView, at: number, sequence: number, out: Uint8Array, offset: number): number;
}

/** Takes records, never blocks, and counts what became of each. */
export interface Output {
  readonly name: string;
  /** Takes a record of `size` bytes starting at byte `at`, or counts it as dropped. */
  accept(view: RecordView, at: number, size: number): void;
  /** Hands what is queued to the operating system, as far as nothing is under way; never waits. */
  flush(): void;
  counters(): OutputCounters;
  /** Whether nobody reads any more, as far as writing or {@link checkReader} has found. */
  readonly closed: boolean;
  /** Looks whether anybody reads, which where nothing is written nobody would notice. */
  checkReader?(): void;
  /** Why the last write failed, if one did; nobody reading any more is no failure. */
  readonly lastError?: Error | undefined;
  /** Whether a write is under way, which the event loop tells the end of. */
  readonly writing: boolean;
  /** True while a full queue waits for a write that may still finish: draining may hold back. */
  readonly busy: boolean;
  /** Resolves when the write under way has finished, or at once. */
  idle(): Promise<void>;
  /** Once closed: why what was written is of no use for want of what could not be written. */
  readonly failure?: AgentError | undefined;
  /** Writes what is queued, for at most `timeoutMs`; counts the rest as dropped. */
  close(timeoutMs: number): Promise<void>;
}
