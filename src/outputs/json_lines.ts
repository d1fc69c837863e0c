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
  Origin,
  PrivilegeEvent,
} from "../events/layout.gen.ts";
import { KIND_MASK } from "../events/kinds.ts";
import type { WallClock } from "../kernel/clock.ts";
import { NO_RULES, type RuleNames } from "../rules/rule_names.ts";
import type { SudoUsers } from "../sudo/users.ts";
import { type Constant, constant, put, putDecimal } from "./bytes.ts";
import { CachedNames } from "./cached_names.ts";
import { CLONE_THREAD, cloneFlagNames } from "./flags.ts";
import { putExec } from "./json_exec.ts";
import { putOpen } from "./json_open.ts";
import {
  eventText,
  flagsText,
  NameWriter,
  putAgent,
  putParentAndUser,
  putTask,
  THREAD,
} from "./json_parts.ts";
import { putOrigin } from "./json_origin.ts";
import { putRawNames } from "./json_raw.ts";
import { type RuleJson, ruleJson } from "./json_rules.ts";
import { MatchedRules } from "./matched_rules.ts";
import type { Format, RecordView } from "./output.ts";
import { NO_ORIGIN, word } from "../events/record.ts";
import { Target } from "./target.ts";
import { TaskTexts } from "./task_texts.ts";
import { rfc3339Second, TimeWriter } from "./time.ts";

/**
 * The most that a byte of a record becomes: one of the path that an open was resolved to stands in
 * `file.path` and, where the process has another root, in `ebpf_agent.process.path`, escaped to six
 * bytes in each and, where it is not UTF-8, in base64 for each. An argument of one control byte and
 * its NUL is 9 bytes in `process.args`, and 7 in `ebpf_agent.raw`.
 */
const GROWTH = 15;

/** More than the keys, numbers and flags of any line take together. */
const CONSTANT_PARTS = 2048;

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

const CLONE_FLAGS = new CachedNames((flags) => flags === 0 ? "" : flagsText(cloneFlagNames(flags)));

/** What a line tells that its record does not hold. */
export interface JsonContext {
  readonly rules: RuleNames;
  /** Of the record that is written, who ran the command as whom where that was by sudo. */
  readonly sudo: { readonly current: SudoUsers | undefined };
}

const NO_CONTEXT: JsonContext = { rules: NO_RULES, sudo: { current: undefined } };

/** One object a line, in the order of keys in which a person would read them. */
export function createJsonFormat(clock: WallClock, context: Partial<JsonContext> = {}): Format {
  return new JsonFormat(clock, { ...NO_CONTEXT, ...context });
}

class JsonFormat implements Format {
  readonly #time: TimeWriter;
  readonly #target = new Target();
  readonly #names = new NameWriter();
  readonly #actors: TaskTexts;
  readonly #rules: MatchedRules<RuleJson>;
  readonly #sudo: JsonContext["sudo"];

  constructor(clock: WallClock, { rules, sudo }: JsonContext) {
    const names = this.#names;
    this.#actors = new TaskTexts((view, at, out, offset) => {
      const to = putActor(names, view, at, out, offset);
      return names.replaced === 0 ? to : ~to;
    });
    this.#sudo = sudo;
    this.#rules = new MatchedRules(rules, ruleJson);
    this.#time = new TimeWriter(clock, {
      second: (seconds) => `{"@timestamp":"${rfc3339Second(seconds)}.`,
      fraction: "nanoseconds",
    });
  }

  maxLineSize(size: number): number {
    return size * GROWTH + CONSTANT_PARTS;
  }

  maxRuleSize(view: RecordView, at: number): number {
    return this.#rules.of(view, at)?.size ?? 0;
  }

  write(
    view: RecordView,
    start: number,
    sequence: number,
    out: Uint8Array,
    offset: number,
  ): number {
    const target = this.#target.viewOf(out);
    const first = word(view, start, EventHeader.kind);
    const kind = first & KIND_MASK;
    const isTold = first !== kind;
    const at = isTold ? start + Origin.byteSize : start;
    const names = this.#names;
    names.replaced = 0;
    names.origin = isTold ? start : NO_ORIGIN;
    const low = word(view, at, EventHeader.timeLow);
    const high = word(view, at, EventHeader.timeHigh);
    let to = this.#time.put(target, offset, low, high);
    to = putDecimal(target, put(target, to, eventOf(view, at, kind)), sequence);
    switch (kind) {
      case EventKindNumber.open:
        to = putOpen(names, view, at, target, this.#putActor(view, at, target, to));
        break;
      case EventKindNumber.exec:
        to = putExec(names, view, at, target, putTask(names, view, at, target, to));
        break;
      case EventKindNumber.clone:
        to = putClone(view, at, target, this.#putActor(view, at, target, to));
        break;
      default:
        to = putPrivilege(names, view, at, target, to);
    }
    if (isTold) return this.#putEnd(view, at, target, to);
    if (names.replaced !== 0) to = putRawNames(view, at, names, target, to);
    return put(target, to, LINE_END);
  }

  /** The task, its parent and its user: all of `process` and `user` where there is no more to them. */
  #putActor(view: RecordView, at: number, target: DataView, offset: number): number {
    const names = this.#names;
    return names.origin === NO_ORIGIN
      ? this.#actors.put(view, at, target, offset)
      : putActor(names, view, at, target, offset);
  }

  /** The rest of the line of an event whose origin is told. */
  #putEnd(view: RecordView, at: number, target: DataView, offset: number): number {
    const names = this.#names;
    const rules = this.#rules.of(view, names.origin);
    const sudo = this.#sudo.current;
    let to = putOrigin(names, view, target, offset);
    if (sudo !== undefined) to = put(target, to, sudoText(sudo));
    if (rules !== undefined) to = put(target, to, rules.agent);
    if (names.replaced !== 0) to = putRawNames(view, at, names, target, to);
    return put(target, to, rules?.end ?? LINE_END);
  }
}

function sudoText({ user, target }: SudoUsers): Constant {
  return constant(`,"sudo":${JSON.stringify({ user, target })}`);
}

function eventOf(view: RecordView, at: number, kind: number): Constant {
  switch (kind) {
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

function putActor(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const to = putTask(names, view, at, out, offset);
  return putParentAndUser(names, view, at, word(view, at, EventHeader.uid), out, to);
}

function putClone(view: RecordView, at: number, out: DataView, offset: number): number {
  let to = put(out, putAgent(out, offset), CHILD);
  to = put(out, putDecimal(out, to, word(view, at, CloneEvent.childPid)), THREAD);
  to = put(out, putDecimal(out, to, word(view, at, CloneEvent.childTid)), CHILD_END);
  const low = word(view, at, CloneEvent.flagsLow);
  if (low & CLONE_THREAD) to = put(out, to, IS_THREAD);
  // Exact: the kernel refuses flags that it does not know, and knows none from 2^53 on.
  return put(out, to, CLONE_FLAGS.of(word(view, at, CloneEvent.flagsHigh) * 2 ** 32 + low));
}

function putPrivilege(
  names: NameWriter,
  view: RecordView,
  at: number,
  out: DataView,
  offset: number,
): number {
  const uid = word(view, at, PrivilegeEvent.newUid);
  let to = putTask(names, view, at, out, offset);
  to = putParentAndUser(names, view, at, uid, out, to);
  to = put(out, putAgent(out, to), PREVIOUS_USER);
  return put(out, putDecimal(out, to, word(view, at, PrivilegeEvent.oldUid)), PREVIOUS_USER_END);
}
