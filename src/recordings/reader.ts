/** Reads a recording back: what is damaged or cut is an error that says where, never an event. @module */
import { crc32 } from "node:zlib";
import { viewOf } from "../events/ring.ts";
import type { WallClock } from "../kernel/clock.ts";
import type { RecordView } from "../outputs/output.ts";
import {
  BLOCK_HEADER_SIZE,
  BlockKind,
  isRecording,
  LAYOUT,
  MOST_CONTENT,
  type Note,
  SIGNATURE,
  VERSION,
} from "./format.ts";
import { damageOf } from "./record_check.ts";
import { isEnd, isHead, isNote, isWriter, type Writer } from "./told.ts";

/** Bytes to read a recording from. */
export interface Source {
  readonly name: string;
  readonly size: number;
  /** So many bytes from an offset on, all of which are there. */
  read(offset: number, size: number): Uint8Array;
}

/** One record, and what was known when it was written. */
export interface RecordedRecord {
  readonly view: RecordView;
  readonly at: number;
  readonly size: number;
  /** Its place in the file, from 1. */
  readonly number: number;
  readonly clock: WallClock;
  /** The sets of rules told of so far; the one that was in force last. */
  readonly rules: ReadonlyMap<number, readonly string[]>;
}

/** Why a recording cannot be read. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

/**
 * The records of a recording, in order. Throws a {@link RecordingError} at the first fault: those before
 * it are as they were written.
 */
export function* readRecording(source: Source): Generator<RecordedRecord, void> {
  let clock: WallClock = { offsetSeconds: 0, offsetNanoseconds: 0 };
  const rules = new Map<number, readonly string[]>();
  const take = (note: Note) => {
    if (note.clock !== undefined) {
      clock = { offsetSeconds: note.clock.seconds, offsetNanoseconds: note.clock.nanoseconds };
    }
    for (const { set, names } of note.rules ?? []) {
      rules.delete(set);
      rules.set(set, names);
    }
  };
  let number = 0;
  for (const block of readBlocks(source)) {
    const { kind, content, fail } = block;
    if (kind === BlockKind.head) {
      refuseOtherLayout(source, parse(block, isWriter));
      take(parse(block, isHead));
    } else if (kind === BlockKind.note) {
      take(parse(block, isNote));
    } else if (kind === BlockKind.end) {
      const { records } = parse(block, isEnd);
      if (records !== number) {
        throw fail(`it ends after ${records} records, and ${number} are there`);
      }
    } else {
      const view = wordsOf(content);
      for (let at = 0; at < content.length;) {
        const size = view.words[at >> 2];
        at += 4;
        const damage = damageOf(view, at, size);
        if (damage !== undefined) throw fail(`record ${number + 1} ${damage}`);
        yield { view, at, size, number: ++number, clock, rules };
        at += (size + 3) & ~3;
      }
    }
  }
}

interface ReadBlock {
  readonly kind: number;
  readonly content: Uint8Array;
  fail(reason: string): RecordingError;
}

/** All blocks, the head first and the end last, each of them whole. */
function* readBlocks(source: Source): Generator<ReadBlock> {
  const { size } = source;
  if (size < SIGNATURE.length || !isRecording(source.read(0, SIGNATURE.length))) {
    throw new RecordingError(
      `Cannot read ${source.name}: it is no recording (it does not begin as one)`,
    );
  }
  let offset = SIGNATURE.length;
  for (let number = 0;; number++) {
    const at = offset;
    const fail = (reason: string) =>
      new RecordingError(
        `Cannot read ${source.name} from byte ${at} on: ${reason}. ` +
          (number === 0 ? "Nothing of it can be told" : `What stands before can be told`),
      );
    const left = size - at;
    if (left === 0) {
      throw fail("it was cut, or is still being written: its last block is not there");
    }
    if (left < BLOCK_HEADER_SIZE) throw fail(`it was cut in block ${number}`);
    const header = source.read(at, BLOCK_HEADER_SIZE);
    const words = new DataView(header.buffer, header.byteOffset, BLOCK_HEADER_SIZE);
    const [kind, ownNumber, length, sum, headerSum] = [0, 4, 8, 12, 16].map((place) =>
      words.getUint32(place, true)
    );
    if (crc32(header.subarray(0, 16)) !== headerSum) throw fail(`block ${number} is damaged`);
    if (ownNumber !== number) throw fail(`block ${ownNumber} stands in the place of ${number}`);
    if ((kind === BlockKind.head) !== (number === 0) || !KINDS.includes(kind)) {
      throw fail(`block ${number} is of a kind that does not belong there`);
    }
    if (length > MOST_CONTENT) throw fail(`block ${number} is of ${length} bytes, which none is`);
    if (left - BLOCK_HEADER_SIZE < length) throw fail(`it was cut in block ${number}`);
    const content = source.read(at + BLOCK_HEADER_SIZE, length);
    if (crc32(content) !== sum) throw fail(`block ${number} is damaged`);
    offset = at + BLOCK_HEADER_SIZE + length;
    if (kind === BlockKind.end && offset < size) throw fail("something stands behind its end");
    yield { kind, content, fail };
    if (kind === BlockKind.end) return;
  }
}

const KINDS: readonly number[] = Object.values(BlockKind);

function refuseOtherLayout(source: Source, { version, layout, agent }: Writer): void {
  if (version === VERSION && layout === LAYOUT) return;
  throw new RecordingError(
    `Cannot read ${source.name}: it was written by ebpf-agent ${agent}, whose records are laid out ` +
      `otherwise (${version}-${layout}, here ${VERSION}-${LAYOUT}). Read it with that version`,
  );
}

function parse<T>({ content, fail }: ReadBlock, is: (value: unknown) => value is T): T {
  const value = parseJson(new TextDecoder().decode(content));
  if (!is(value)) throw fail("what stands there has not the form that it should have");
  return value;
}

/** Undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wordsOf(content: Uint8Array): RecordView {
  const view = viewOf(new ArrayBuffer((content.length + 3) & ~3));
  view.bytes.set(content);
  return view;
}
