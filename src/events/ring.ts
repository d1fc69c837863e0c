/** A ring of records with a cursor on the oldest: what both transports have in common. @module */
import type { RecordView } from "../outputs/output.ts";
import { EventHeader } from "./layout.gen.ts";

export abstract class Ring {
  /** The memory that the record under the cursor lies in, and where it starts. */
  view: RecordView;
  at = 0;
  /** Boot time of the record under the cursor, in nanoseconds (rounded); Infinity behind the last. */
  time = Infinity;
  /** Bytes that the ring has room for. */
  readonly capacity: number;

  constructor(view: RecordView, capacity: number) {
    this.view = view;
    this.capacity = capacity;
  }

  /** The record's size in bytes, without the transport's padding. */
  get size(): number {
    return this.view.words[(this.at + EventHeader.size) >> 2];
  }

  /** The number of the record's kind of event, and whether it starts with the event's origin. */
  get firstWord(): number {
    return this.view.words[(this.at + EventHeader.kind) >> 2];
  }

  /** Looks how far the kernel has written, and puts the cursor on the oldest record. */
  abstract open(): void;
  /** Puts the cursor on the next record. */
  abstract next(): void;
  /** Gives the memory of the records before the cursor back to the kernel. */
  abstract close(): void;
  /** Bytes ever written to the ring: below 2^53 for years at gigabytes a second. */
  abstract head(): number;
  /** How much of the ring is taken by records that were not given back, from 0 to 1. */
  abstract fill(): number;
  /** Adds up the records from the cursor to `head` by kind, without taking them out. */
  abstract countUpTo(head: number, into: Float64Array): void;

  protected pointTo(view: RecordView, at: number): void {
    this.view = view;
    this.at = at;
    const word = at >> 2;
    this.time = view.words[word + (EventHeader.timeHigh >> 2)] * 2 ** 32 +
      view.words[word + (EventHeader.timeLow >> 2)];
  }

  protected pointToNothing(): void {
    this.time = Infinity;
  }
}

/** Memory that records lie in. Its size is a multiple of 4. */
export function viewOf(buffer: ArrayBuffer): RecordView {
  return {
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    data: new DataView(buffer),
  };
}
