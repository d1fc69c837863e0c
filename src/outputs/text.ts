/** Events as lines for people. @module */
import {
  Cut,
  EventHeader,
  EventKindNumber,
  ExecEvent,
  OpenEvent,
  Origin,
  PrivilegeEvent,
} from "../events/layout.gen.ts";
import type { WallClock } from "../kernel/clock.ts";
import type { Rule } from "../rules/rule.ts";
import { NO_RULES, type RuleNames } from "../rules/rule_names.ts";
import { type Constant, constant, put, putDecimal } from "./bytes.ts";
import { errorCode } from "./error_code.ts";
import { putEscaped } from "./escape.ts";
import { MatchedRules } from "./matched_rules.ts";
import type { Format, RecordView } from "./output.ts";
import {
  argsEnd,
  argsStart,
  commEnd,
  commStart,
  executableStart,
  hasOrigin,
  openRequestedEnd,
  openRequestedStart,
  openResolvedEnd,
  requestedStart,
  textEnd,
  word,
} from "../events/record.ts";
import { Target } from "./target.ts";
import { TaskTexts } from "./task_texts.ts";
import { TimeWriter } from "./time.ts";

/** The most bytes that a byte of a name becomes: `\xff`. */
const GROWTH = 4;

/** More than the constant parts, numbers and the time of any line take together. */
const CONSTANT_PARTS = 160;

const PROCESS = constant("Process ");
const TIMED_PROCESS = constant("] Process ");
const PID = constant(" (PID: ");
const PPID = constant(", PPID: ");
const CLONED = constant(") called sys_clone\n");
const OPENED = constant(") opened file: ");
const NOT_OPENED = constant(") could not open file: ");
const EXECUTED = constant(") executed: ");
const NOT_EXECUTED = constant(") could not execute: ");
const CHANGED_USER = constant(") changed user: ");
const ARROW = constant(" -> ");
const ERROR = constant(" (");
const ERROR_END = constant(")\n");
/** No escape looks like this, so it cannot be part of a name. */
const CUT_MARK = constant("\\...");
const SPACE = 0x20;
const NEWLINE = 0x0a;

/** One line an event, which no name in it can end or forge. */
export function createTextFormat(clock: WallClock, rules: RuleNames = NO_RULES): Format {
  return new TextFormat(clock, rules);
}

class TextFormat implements Format {
  readonly #time: TimeWriter;
  readonly #target = new Target();
  readonly #rules: MatchedRules<Constant>;
  /** Behind a time: `] Process NAME (PID: 1`. */
  readonly #tasks = new TaskTexts((view, at, out, offset) =>
    putTask(view, at, out, put(out, offset, TIMED_PROCESS))
  );

  constructor(clock: WallClock, rules: RuleNames) {
    this.#rules = new MatchedRules(rules, ruleText);
    this.#time = new TimeWriter(clock, {
      second: (seconds) => `[${seconds}.`,
      fraction: "microseconds",
    });
  }

  maxLineSize(size: number): number {
    return size * GROWTH + CONSTANT_PARTS;
  }

  maxRuleSize(view: RecordView, at: number): number {
    return this.#rules.of(view, at)?.size ?? 0;
  }

  write(view: RecordView, start: number, _: number, out: Uint8Array, offset: number): number {
    const target = this.#target.viewOf(out);
    if (!hasOrigin(view, start)) return this.#putEvent(view, start, target, offset);
    const end = this.#putEvent(view, start + Origin.byteSize, target, offset);
    const rules = this.#rules.of(view, start);
    // In place of the newline.
    return rules === undefined ? end : put(target, end - 1, rules);
  }

  #putEvent(view: RecordView, at: number, target: DataView, offset: number): number {
    switch (word(view, at, EventHeader.kind)) {
      case EventKindNumber.open:
        return putOpen(view, at, target, this.#putTimedTask(view, at, target, offset));
      case EventKindNumber.exec:
        return putExec(view, at, target, this.#putTimedTask(view, at, target, offset));
      case EventKindNumber.clone:
        return putClone(view, at, target, offset);
      default:
        return putPrivilege(view, at, target, this.#putTimedTask(view, at, target, offset));
    }
  }

  #putTimedTask(view: RecordView, at: number, out: DataView, offset: number): number {
    const low = word(view, at, EventHeader.timeLow);
    const high = word(view, at, EventHeader.timeHigh);
    return this.#tasks.put(view, at, out, this.#time.put(out, offset, low, high));
  }
}

/** The end of the line of an event that rules matched: no escape looks like that, as with a cut. */
function ruleText(rules: readonly Rule[]): Constant {
  const names = rules.map(({ name }) => name).join(", ");
  return constant(` \\(${rules.length === 1 ? "rule" : "rules"}: ${names})\n`);
}

function putTask(view: RecordView, at: number, out: DataView, offset: number): number {
  const comm = commStart(at);
  const to = putEscaped(view, comm, commEnd(view.bytes, comm), out, offset);
  return putDecimal(out, put(out, to, PID), word(view, at, EventHeader.pid));
}

function putParent(view: RecordView, at: number, out: DataView, offset: number): number {
  return putDecimal(out, put(out, offset, PPID), word(view, at, EventHeader.ppid));
}

function putOpen(view: RecordView, at: number, out: DataView, offset: number): number {
  const result = word(view, at, OpenEvent.result) | 0;
  const start = openRequestedStart(at);
  const requestedEnd = openRequestedEnd(view, at);
  // Not every hook tells what was asked for: then it is what that was resolved to.
  const isTold = requestedEnd > start;
  let to = put(out, offset, result < 0 ? NOT_OPENED : OPENED);
  to = putEscaped(view, start, isTold ? requestedEnd : openResolvedEnd(view, at), out, to);
  if (word(view, at, OpenEvent.cut) & (isTold ? Cut.requested : Cut.path)) {
    to = put(out, to, CUT_MARK);
  }
  return putOutcome(result, out, to);
}

function putExec(view: RecordView, at: number, out: DataView, offset: number): number {
  const error = word(view, at, ExecEvent.error) | 0;
  const cut = word(view, at, ExecEvent.cut);
  const requested = requestedStart(view, at);
  let to = putParent(view, at, out, offset);
  if (error < 0) {
    to = putEscaped(view, requested, argsStart(view, at), out, put(out, to, NOT_EXECUTED));
    if (cut & Cut.requested) to = put(out, to, CUT_MARK);
  } else {
    to = putEscaped(view, executableStart(at), requested, out, put(out, to, EXECUTED));
    if (cut & Cut.path) to = put(out, to, CUT_MARK);
    to = putFurtherArgs(view, at, out, to);
    if (cut & Cut.args) to = put(out, to, CUT_MARK);
  }
  return putOutcome(error, out, to);
}

/** All arguments but the first, which repeats the program's name, each behind a space. */
function putFurtherArgs(view: RecordView, at: number, out: DataView, offset: number): number {
  const end = argsEnd(view, at);
  let to = offset;
  for (let arg = textEnd(view.bytes, argsStart(view, at), end) + 1; arg < end;) {
    const argEnd = textEnd(view.bytes, arg, end);
    out.setUint8(to++, SPACE);
    to = putEscaped(view, arg, argEnd, out, to);
    arg = argEnd + 1;
  }
  return to;
}

function putClone(view: RecordView, at: number, out: DataView, offset: number): number {
  const to = putParent(view, at, out, putTask(view, at, out, put(out, offset, PROCESS)));
  return put(out, to, CLONED);
}

function putPrivilege(view: RecordView, at: number, out: DataView, offset: number): number {
  let to = put(out, putParent(view, at, out, offset), CHANGED_USER);
  to = putDecimal(out, to, word(view, at, PrivilegeEvent.oldUid));
  to = putDecimal(out, put(out, to, ARROW), word(view, at, PrivilegeEvent.newUid));
  return putOutcome(0, out, to);
}

/** The end of the line, with the error of what was refused. */
function putOutcome(result: number, out: DataView, offset: number): number {
  if (result < 0) {
    return put(out, put(out, put(out, offset, ERROR), errorCode(-result)), ERROR_END);
  }
  out.setUint8(offset, NEWLINE);
  return offset + 1;
}
