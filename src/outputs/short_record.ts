/** Records whose lines would be too long, with less of their names. @module */
import {
  Cut,
  EventHeader,
  EventKindNumber,
  ExecEvent,
  OpenEvent,
  Origin,
} from "../events/layout.gen.ts";
import type { RecordView } from "./output.ts";
import { eventStart, word } from "../events/record.ts";
import { viewOf } from "../events/ring.ts";

/**
 * Bytes of the longest line, its end included: what journald takes as one entry (`LineMax=` of
 * journald.conf(5)). It splits what is longer, and takes a `<N>` at the start of each piece for its
 * priority: whoever chose the names could write entries of their own.
 */
export const MOST_LINE = 48 * 1024;

/** In bytes. A byte of a path becomes 15 of a line at most, one of arguments 8. */
const MOST_PATH = 1024;
const MOST_ARGS = 2048;

const MOST_BYTES = Origin.byteSize + ExecEvent.byteSize + 2 * MOST_PATH + MOST_ARGS;
const SLASH = 0x2f;

/** A name in a record. */
interface Part {
  /** The field with its size, and what says that it is cut. */
  readonly size: number;
  readonly cut: number;
  readonly most: number;
  /** The end of it is kept, as the kernel keeps that of paths that it walks; otherwise the start. */
  readonly keepsEnd?: boolean;
  /** The field with how much of its start lies above the root directory of the process. */
  readonly above?: number;
}

const REQUESTED = { cut: Cut.requested, most: MOST_PATH } as const;
const RESOLVED = { cut: Cut.path, most: MOST_PATH, keepsEnd: true } as const;

/** By kind: where the names start, the field that says which are cut, and the names in order. */
const NAMES: Readonly<
  Record<
    number,
    { readonly bytes: number; readonly cut: number; readonly parts: readonly Part[] } | undefined
  >
> = {
  [EventKindNumber.exec]: {
    bytes: ExecEvent.bytes,
    cut: ExecEvent.cut,
    parts: [
      { ...RESOLVED, size: ExecEvent.executableSize },
      { ...REQUESTED, size: ExecEvent.requestedSize },
      { size: ExecEvent.argsSize, cut: Cut.args, most: MOST_ARGS },
    ],
  },
  [EventKindNumber.open]: {
    bytes: OpenEvent.bytes,
    cut: OpenEvent.cut,
    parts: [
      { ...REQUESTED, size: OpenEvent.requestedSize },
      { ...RESOLVED, size: OpenEvent.pathSize, above: OpenEvent.rootSize },
    ],
  },
};

/**
 * The record at byte `at` for a format to write, with names so short that its line is not longer than
 * {@link MOST_LINE}, whatever they hold, unless rules that matched say more than 12 KiB of themselves.
 */
export function shortRecord(
  view: RecordView,
  at: number,
): { readonly view: RecordView; readonly at: number } {
  const event = eventStart(view, at);
  const names = NAMES[word(view, event, EventHeader.kind)];
  if (names === undefined) return { view, at };
  const short = viewOf(new ArrayBuffer((MOST_BYTES + 3) & ~3));
  let from = event + names.bytes;
  let to = from - at;
  short.bytes.set(view.bytes.subarray(at, from));
  const field = (offset: number) => (event - at + offset) >> 2;
  for (const part of names.parts) {
    const end = from + word(view, event, part.size);
    const kept = keptOf(view.bytes.subarray(from, end), part);
    const lacks = end - from - kept.length;
    short.bytes.set(kept, to);
    if (lacks > 0) {
      short.words[field(part.size)] = kept.length;
      short.words[field(names.cut)] |= part.cut;
      if (part.above !== undefined) {
        short.words[field(part.above)] = Math.max(0, word(view, event, part.above) - lacks);
      }
    }
    to += kept.length;
    from = end;
  }
  return { view: short, at: 0 };
}

/** What is kept of a name. The end of a path begins with a whole component. */
function keptOf(name: Uint8Array, { most, keepsEnd = false }: Part): Uint8Array {
  if (name.length <= most) return name;
  if (!keepsEnd) return name.subarray(0, most);
  const end = name.subarray(name.length - most);
  return end.subarray(end.indexOf(SLASH) + 1);
}
