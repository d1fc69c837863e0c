/** The blocks of a recording in their order, from one file to the next. @module */
import type { WallClock } from "../kernel/clock.ts";
import type { Block } from "./block.ts";
import type { NewFile } from "./disk.ts";
import type { RecordingFiles } from "./files.ts";
import {
  BlockKind,
  type Head,
  jsonBlock,
  type Note,
  type RuleSetNames,
  SIGNATURE,
} from "./format.ts";

export interface JournalOptions {
  readonly files: RecordingFiles;
  readonly head: Omit<Head, keyof Note>;
  readonly clock: WallClock;
}

/** More than the last block takes. */
const END_SIZE = 64;

export class Journal {
  readonly #options: JournalOptions;
  /** The file that has a head, and how many blocks and records it has. */
  #file: NewFile | undefined;
  #blocks = 0;
  #records = 0;
  #clock = "";
  #rules: RuleSetNames | undefined;
  /** Not written yet, oldest first. */
  #newRules: readonly RuleSetNames[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Writes a block, in a new file where this one has no room. Throws a DiskError: nothing is written. */
  async write(block: Block): Promise<void> {
    this.#newRules = [...this.#newRules, ...block.rules];
    let file = await this.#open();
    const { maxSize } = this.#options.files;
    if (this.#records > 0 && file.size + block.size + END_SIZE > maxSize) {
      await this.#endFile();
      file = await this.#open();
    }
    const clock = this.#offset;
    const notes = this.#notes(clock);
    await file.write(...notes, block.seal(this.#blocks + notes.length));
    this.#blocks += notes.length + 1;
    this.#records += block.records;
    this.#clock = JSON.stringify(clock);
    this.#rules = this.#newRules.at(-1) ?? this.#rules;
    this.#newRules = [];
  }

  /** Ends the file, and returns when the disk has it. Throws a DiskError. */
  async end(): Promise<void> {
    const file = await this.#endFile();
    await file.sync();
  }

  async #endFile(): Promise<NewFile> {
    const file = await this.#open();
    await file.write(jsonBlock(BlockKind.end, this.#blocks, { records: this.#records }));
    this.#file = undefined;
    return file;
  }

  /** The file, with a head. */
  async #open(): Promise<NewFile> {
    if (this.#file !== undefined) return this.#file;
    const { files, head } = this.#options;
    const file = files.current?.size === 0 ? files.current : files.rotate();
    const rules = this.#rules === undefined ? [] : [this.#rules];
    const clock = this.#offset;
    await file.write(SIGNATURE, jsonBlock(BlockKind.head, 0, { ...head, clock, rules }));
    this.#clock = JSON.stringify(clock);
    this.#blocks = 1;
    this.#records = 0;
    this.#file = file;
    return file;
  }

  /** A block with what has changed, if anything has. */
  #notes(clock: Head["clock"]): readonly Uint8Array<ArrayBuffer>[] {
    const note: Note = {
      ...(JSON.stringify(clock) !== this.#clock && { clock }),
      ...(this.#newRules.length > 0 && { rules: this.#newRules }),
    };
    return Object.keys(note).length === 0 ? [] : [jsonBlock(BlockKind.note, this.#blocks, note)];
  }

  get #offset(): Head["clock"] {
    const { offsetSeconds, offsetNanoseconds } = this.#options.clock;
    return { seconds: offsetSeconds, nanoseconds: offsetNanoseconds };
  }
}
