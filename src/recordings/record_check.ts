/** Whether the parts of a record fit in it. @module */
import { KIND_MASK } from "../events/kinds.ts";
import {
  CloneEvent,
  EventHeader,
  EventKindNumber,
  ExecEvent,
  OpenEvent,
  PrivilegeEvent,
} from "../events/layout.gen.ts";
import type { RecordView } from "../outputs/output.ts";
import { eventStart, word } from "../events/record.ts";

/** What is wrong with a record of `size` bytes at `at`; undefined where every part lies within it. */
export function damageOf(view: RecordView, at: number, size: number): string | undefined {
  const end = at + size;
  if (end > view.bytes.length) return `is of ${size} bytes, of which the block has fewer`;
  if (size < EventHeader.byteSize) return `is of ${size} bytes, too few for any event`;
  if (word(view, at, EventHeader.size) !== size) return "says another size of itself";
  const first = word(view, at, EventHeader.kind);
  const fixed = FIXED_SIZES[first & KIND_MASK];
  if ((first & ~(KIND_MASK | EventKindNumber.origin)) !== 0 || fixed === undefined) {
    return `is of kind ${first}, which there is not`;
  }
  const event = eventStart(view, at);
  if (event + fixed > end) return `is of ${size} bytes, too few for its kind`;
  if (event > at && word(view, event, EventHeader.kind) !== (first & KIND_MASK)) {
    return "has an event of another kind than it says";
  }
  const parts = VARIABLE_SIZES[first & KIND_MASK].map((field) => word(view, event, field));
  const sum = parts.reduce((total, part) => total + part, event + fixed);
  if (sum !== end) return "has parts that do not fill it";
  const outreaches = (first & KIND_MASK) === EventKindNumber.open &&
    word(view, event, OpenEvent.rootSize) > word(view, event, OpenEvent.pathSize);
  return outreaches ? "has a root directory longer than its path" : undefined;
}

const FIXED_SIZES: Readonly<Record<number, number>> = {
  [EventKindNumber.exec]: ExecEvent.byteSize,
  [EventKindNumber.clone]: CloneEvent.byteSize,
  [EventKindNumber.open]: OpenEvent.byteSize,
  [EventKindNumber.privilege]: PrivilegeEvent.byteSize,
};

const VARIABLE_SIZES: Readonly<Record<number, readonly number[]>> = {
  [EventKindNumber.exec]: [ExecEvent.executableSize, ExecEvent.requestedSize, ExecEvent.argsSize],
  [EventKindNumber.clone]: [],
  [EventKindNumber.open]: [OpenEvent.requestedSize, OpenEvent.pathSize],
  [EventKindNumber.privilege]: [],
};
