/** What rules can ask for: each field with the kinds of event that have it, and its values. @module */
import { parseChoice, parseComm, parseUserId, quoted, ValueError } from "../words/values.ts";
import { EVENT_KINDS, type EventKind } from "../events/kinds.ts";
import { parsePathPattern } from "./path_pattern.ts";
import { ACCESSES, type ConditionValues, type Field, OUTCOMES } from "./rule.ts";

export interface FieldSpec<Name extends Field> {
  /** The kinds of event that have it. */
  readonly on: readonly EventKind[];
  /** Its value from text; throws a {@link ValueError}. */
  readonly parse: (text: string) => ConditionValues[Name];
  /** What it may be, in a word or two. */
  readonly value: string;
  /** One line of plain words. */
  readonly meaning: string;
}

/** Every field. */
export const FIELDS: { readonly [Name in Field]: FieldSpec<Name> } = {
  path: {
    on: ["exec", "open"],
    parse: parsePathPattern,
    value: "path",
    meaning: "The file that was opened, or the program that was executed.",
  },
  exe: {
    on: EVENT_KINDS,
    parse: parsePathPattern,
    value: "path",
    meaning: "The program that acts; for an execution that succeeded, the new one.",
  },
  comm: {
    on: EVENT_KINDS,
    parse: parseComm,
    value: "text",
    meaning: "The name of the task, at most 15 bytes, as /proc/PID/comm shows it.",
  },
  "parent.comm": {
    on: EVENT_KINDS,
    parse: parseComm,
    value: "text",
    meaning: "The same of its parent.",
  },
  uid: {
    on: EVENT_KINDS,
    parse: parseUserId,
    value: "number",
    meaning: "The effective user, by number; where the user changes, the new one.",
  },
  access: {
    on: ["open"],
    parse: (text) => parseChoice(text, ACCESSES),
    value: "read, write, create",
    meaning: "What the file is opened for. An open that asks for several is each of them.",
  },
  outcome: {
    on: ["exec", "open"],
    parse: (text) => parseChoice(text, OUTCOMES),
    value: "success, failure",
    meaning: "Whether it succeeded.",
  },
  args: {
    on: ["exec"],
    parse: parseArgument,
    value: "text",
    meaning:
      "Text that one of the arguments contains; an execution that failed has none. This is " +
      "looked for once the event has arrived, so a lost event is not counted.",
  },
  container: {
    on: EVENT_KINDS,
    parse: parseYesOrNo,
    value: "yes, no",
    meaning: "Whether the process is in a process namespace of its own.",
  },
};

const LONGEST_ARGUMENT = 1024;

function parseArgument(text: string): string {
  const size = new TextEncoder().encode(text).length;
  if (size <= LONGEST_ARGUMENT) return text;
  throw new ValueError(`${quoted(text)} is ${size} bytes long, and can be ${LONGEST_ARGUMENT}`);
}

/** `true` and `false` are a switch's words, and are taken too. */
function parseYesOrNo(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  return parseChoice(text, ["yes", "no"]) === "yes";
}
