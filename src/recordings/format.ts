/**
 * What a recording is: a signature, then blocks, each with its number and checksums.
 *
 * A block is five little-endian words (its kind, its number from 0 on, the size of its content, the
 * CRC-32 of its content, and the CRC-32 of the four words before), then the content. The first block
 * is a head; then come data and notes, as they happen, and an end. A file without an end was cut.
 * @module
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import * as layout from "../events/layout.gen.ts";

/** What a file begins with: its last byte shows a transfer that changed the ends of lines. */
export const SIGNATURE: Uint8Array<ArrayBuffer> = new TextEncoder().encode("EBPFREC\n");

/** Whether a file that starts so is a recording. */
export function isRecording(start: Uint8Array): boolean {
  return SIGNATURE.every((byte, at) => start[at] === byte);
}

/** Of what is described here; the layout of the records in it has its own mark, {@link LAYOUT}. */
export const VERSION = 1;

/** What a block holds: the letters of its name as a word. */
export const BlockKind = {
  /** JSON: {@link Head}. */
  head: fourLetters("HEAD"),
  /** Records, each behind a word with its size, and filled up with zeros to a multiple of 4. */
  data: fourLetters("DATA"),
  /** JSON: {@link Note}. */
  note: fourLetters("NOTE"),
  /** JSON: {@link End}. */
  end: fourLetters("END "),
} as const;

export const BLOCK_HEADER_SIZE = 20;

/** More than any block holds: what says that it is larger is damaged. */
export const MOST_CONTENT = 16 * 2 ** 20;

/** Names of the rules of a set, by their bit. */
export interface RuleSetNames {
  readonly set: number;
  readonly names: readonly string[];
}

/** What changes in the course of a recording, from the next record on. */
export interface Note {
  /** What to add to the times of records for wall-clock time. */
  readonly clock?: { readonly seconds: number; readonly nanoseconds: number };
  /** Oldest first. */
  readonly rules?: readonly RuleSetNames[];
}

export interface Head extends Required<Note> {
  readonly version: number;
  /** {@link LAYOUT} of the agent that wrote it. */
  readonly layout: string;
  readonly agent: string;
  readonly kernel: string;
  readonly architecture: string;
}

/** What a complete file ends with. */
export interface End {
  readonly records: number;
}

/** A mark of everything that the bytes of a record depend on. */
export const LAYOUT: string = layoutMark();

/** The bytes before the content of a block. */
export function blockHeader(
  kind: number,
  number: number,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(BLOCK_HEADER_SIZE);
  const view = new DataView(header.buffer);
  [kind, number, content.length, crc32(content)].forEach((word, index) =>
    view.setUint32(index * 4, word, true)
  );
  view.setUint32(16, crc32(header.subarray(0, 16)), true);
  return header;
}

/** A whole block of JSON. */
export function jsonBlock(
  kind: number,
  number: number,
  value: Head | Note | End,
): Uint8Array<ArrayBuffer> {
  const content = new TextEncoder().encode(JSON.stringify(value));
  const block = new Uint8Array(BLOCK_HEADER_SIZE + content.length);
  block.set(blockHeader(kind, number, content));
  block.set(content, BLOCK_HEADER_SIZE);
  return block;
}

function fourLetters(name: string): number {
  return new DataView(new TextEncoder().encode(name).buffer).getUint32(0, true);
}

function layoutMark(): string {
  const { EventHeader, Origin, ExecEvent, CloneEvent, OpenEvent, PrivilegeEvent } = layout;
  const { EventKindNumber, Cut, Mark, Road, COMM_SIZE, NO_DESCRIPTOR } = layout;
  const parts = [
    [EventHeader, Origin, ExecEvent, CloneEvent, OpenEvent, PrivilegeEvent],
    [EventKindNumber, Cut, Mark, Road, COMM_SIZE, NO_DESCRIPTOR],
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
