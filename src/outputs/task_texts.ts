/**
 * What lines tell of a task, kept for its next event: whoever opens a file mostly opens some more.
 * @module
 */
import { COMM_SIZE, EventHeader } from "../events/layout.gen.ts";
import { word } from "../events/record.ts";
import type { RecordView } from "./output.ts";

/** Tasks that are known at a time: more than run at a time on most machines. A power of two. */
const TASKS = 64;

/** The words of a record that tell whose event it is: pid, tid, ppid, uid and comm. */
const FIRST_WORD = EventHeader.pid >> 2;
const KEY_SIZE = ((EventHeader.comm + COMM_SIZE) >> 2) - FIRST_WORD;

/** The most of a text that is kept, in words of eight bytes: all but the strangest names. */
const TEXT_SIZE = 32;

/**
 * Writes what is told of the task of the record at `at`. Returns the offset behind it or, where that
 * is not to be kept, that offset's complement (`~offset`).
 */
export type WriteTask = (view: RecordView, at: number, out: DataView, offset: number) => number;

/** Writes the same for the same task, by copying it from the second time on. */
export class TaskTexts {
  readonly #write: WriteTask;
  readonly #keys = new Uint32Array(TASKS * KEY_SIZE);
  /** Doubles with the bytes, as in a `Constant`, and how many bytes; none where nothing is kept. */
  readonly #texts = new Float64Array(TASKS * TEXT_SIZE);
  readonly #sizes = new Int32Array(TASKS);

  constructor(write: WriteTask) {
    this.#write = write;
  }

  /** Writes what is told of the task of the record at `at`; returns the offset behind it. */
  put(view: RecordView, at: number, out: DataView, offset: number): number {
    const place = word(view, at, EventHeader.tid) & (TASKS - 1);
    const size = this.#sizes[place];
    if (size !== 0 && this.#isKnown(view, at, place)) return this.#copy(place, size, out, offset);
    const end = this.#write(view, at, out, offset);
    this.#sizes[place] = 0;
    if (end < 0) return ~end;
    if (end - offset <= TEXT_SIZE * 8) this.#keep(view, at, place, out, offset, end);
    return end;
  }

  #isKnown(view: RecordView, at: number, place: number): boolean {
    const keys = this.#keys;
    const words = view.words;
    const first = (at >> 2) + FIRST_WORD;
    const key = place * KEY_SIZE;
    for (let n = 0; n < KEY_SIZE; n++) {
      if (keys[key + n] !== words[first + n]) return false;
    }
    return true;
  }

  #copy(place: number, size: number, out: DataView, offset: number): number {
    const texts = this.#texts;
    const first = place * TEXT_SIZE;
    for (let byte = 0; byte < size; byte += 8) {
      out.setFloat64(offset + byte, texts[first + (byte >> 3)], true);
    }
    return offset + size;
  }

  #keep(
    view: RecordView,
    at: number,
    place: number,
    out: DataView,
    offset: number,
    end: number,
  ): void {
    const key = (at >> 2) + FIRST_WORD;
    for (let n = 0; n < KEY_SIZE; n++) {
      this.#keys[place * KEY_SIZE + n] = view.words[key + n];
    }
    // What a write left behind the text must not make a NaN of its last word.
    out.setFloat64(end, 0, true);
    const first = place * TEXT_SIZE;
    for (let byte = offset; byte < end; byte += 8) {
      this.#texts[first + ((byte - offset) >> 3)] = out.getFloat64(byte, true);
    }
    this.#sizes[place] = end - offset;
  }
}
