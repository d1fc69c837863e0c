/**
 * Events as JSON lines with the names of the Elastic Common Schema; what it has no name for stands
 * under `ebpf_agent`.
 * @module
 */
import {
  CloneEvent,
  EventHeader,
  EventKindNumber,
  ExecEvent,
  OpenEvent,
  PrivilegeEvent,
} from "../events/layout.gen.ts";
import type { WallClock } from "../kernel/clock.ts";
import { type Constant, constant, put, putDecimal } from "./bytes.ts";
import { CachedNames } from "./cached_names.ts";
import { CLONE_THREAD, cloneFlagNames } from "./flags.ts";
import { putExec } from "./json_exec.ts";
import { putOpen } from "./json_open.ts";
import {
  eventText,
  NameWriter,
  putAgent,
  putFlags,
  putParentAndUser,
  putTask,
  THREAD,
} from "./json_parts.ts";
import { putRawNames } from "./json_raw.ts";
import type { Format, RecordView } from "./output.ts";
import { word } from "./record.ts";
import { Target } from "./target.ts";
import { rfc3339Second, TimeWriter } from "./time.ts";

/**
 * The most that a byte of a record becomes: one of the path that an open was resolved to stands in
 * `file.path` and, where the process has another root, in `ebpf_agent.process.path`, escaped to six
 * bytes in each and, where it is not UTF-8, in base64 for each. An argument of one control byte and
 * its NUL is 9 bytes in `process.args`, and 7 in `ebpf_agent.raw`.
 */
const GROWTH = 15;

/** More than the keys, numbers and flags of any line take together. */
const CONSTANT_PARTS = 1024;

const OPEN = { category: "file", type: "access", action: "open" } as const;
const OPENED = eventText({ ...OPEN, outcome: "success" });
const NOT_OPENED = eventText({ ...OPEN, outcome: "failure" });
const EXEC = { category: "process", type: "start", action: "exec" } as const;
const EXECUTED = eventText({ ...EXEC, outcome: "success" });
const NOT_EXECUTED = eventText({ ...EXEC, outcome: "failure" });
const FORKED = eventText({
  category: "process",
  type: "start",
  action: "fork",
  outcome: "success",
});
const CHANGED_USER = eventText({
  category: "process",
  type: "change",
  action: "setuid",
  outcome: "success",
});

const CHILD = constant(',"child":{"pid":');
const CHILD_END = constant("}}");
const IS_THREAD = constant(',"thread":true');
const PREVIOUS_USER = constant(',"previous":{"user":{"id":"');
const PREVIOUS_USER_END = constant('"}}');
const LINE_END = constant("}}\n");

const CLONE_FLAGS = new CachedNames(cloneFlagNames);

/** One object a line, in the order of keys in which a person would read them. */
export function createJsonFormat(clock: WallClock): Format {
  return new JsonFormat(clock);
}

class JsonFormat implements Format {
  readonly #time: TimeWriter;
  readonly #target = new Target();
  readonly #names = new NameWriter();

  constructor(clock: WallClock) {
    this.#time = new TimeWriter(clock, {
      second: (seconds) => `{"@timestamp":"${rfc3339Second(seconds)}.`,
      fraction: "nanoseconds",
    });
  }

  maxLineSize(size: number): number {
    return size * GROWTH + CONSTANT_PARTS;
  }

  write(view: RecordView, at: number, sequence: number, out: Uint8Array, offset: number): number {
    const target = this.#target.viewOf(out);
    const names = this.#names;
    names.replaced = 0;
    const low = word(view, at, EventHeader.timeLow);
    const high = word(view, at, EventHeader.timeHigh);
    let to = this.#time.put(target, offset, low, high);
    to = putDecimal(target, put(target, to, eventOf(view, at)), sequence);
    to = putTask(names, view, at, target, to);
    switch (word(view, at, EventHeader.kind)) {
      case EventKindNumber.open:
        to = putOpen(names, view, at, target, to);
        break;
      case EventKindNumber.exec:
        to = putExec(names, view, at, target, to);
        break;
      case EventKindNumber.clone:
        to = putClone(view, at, target, to);
        break;
      default:
        to = putPrivilege(view, at, target, to);
    }
    if (names.replaced !== 0) to = putRawNames(view, at, names.replaced, target, to);
    return put(target, to, LINE_END);
  }
}

function eventOf(view: RecordView, at: number): Constant {
  switch (word(view, at, EventHeader.kind)) {
    case EventKindNumber.open:
      return (word(view, at, OpenEvent.result) | 0) < 0 ? NOT_OPENED : OPENED;
    case EventKindNumber.exec:
      return (word(view, at, ExecEvent.error) | 0) < 0 ? NOT_EXECUTED : EXECUTED;
    case EventKindNumber.clone:
      return FORKED;
    default:
      return CHANGED_USER;
  }
}

function putClone(view: RecordView, at: number, out: DataView, offset: number): number {
  let to = putParentAndUser(view, at, word(view, at, EventHeader.uid), out, offset);
  to = put(out, putAgent(0, out, to), CHILD);
  to = put(out, putDecimal(out, to, word(view, at, CloneEvent.childPid)), THREAD);
  to = put(out, putDecimal(out, to, word(view, at, CloneEvent.childTid)), CHILD_END);
  const low = word(view, at, CloneEvent.flagsLow);
  if (low & CLONE_THREAD) to = put(out, to, IS_THREAD);
  // Exact: the kernel refuses flags that it does not know, and knows none from 2^53 on.
  const flags = word(view, at, CloneEvent.flagsHigh) * 2 ** 32 + low;
  return flags === 0 ? to : putFlags(CLONE_FLAGS.of(flags), out, to);
}

function putPrivilege(view: RecordView, at: number, out: DataView, offset: number): number {
  let to = putParentAndUser(view, at, word(view, at, PrivilegeEvent.newUid), out, offset);
  to = put(out, putAgent(0, out, to), PREVIOUS_USER);
  return put(out, putDecimal(out, to, word(view, at, PrivilegeEvent.oldUid)), PREVIOUS_USER_END);
}
