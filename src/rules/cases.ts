/** Events that a person wrote down, and which rules are to match them. @module */
import type { Place, Problems } from "../documents/problems.ts";
import { kindOf, type ListNode, type MapNode, type Tree, unknownKeys } from "../documents/tree.ts";
import { parseChoice, quoted, ValueError } from "../words/values.ts";
import { EVENT_KINDS, type EventKind } from "../events/kinds.ts";
import type { EventFacts } from "./facts.ts";
import { FIELDS } from "./fields.ts";
import { type Access, ACCESSES, type Outcome, OUTCOMES } from "./rule.ts";

/** A name of a rule, and where it stands. */
export interface ExpectedRule {
  readonly name: string;
  readonly place: Place;
}

export interface Case {
  readonly place: Place;
  /** What the case is called, or why its outcome is right; empty where nobody said. */
  readonly text: string;
  readonly event: EventFacts;
  /** Undefined: nobody said which rules are to match. */
  readonly expected: readonly ExpectedRule[] | undefined;
}

/** Reads a list of cases; what is wrong is left out, and `problems` has it. */
export function parseCases(tree: Tree, problems: Problems): readonly Case[] {
  if (tree.kind !== "list") {
    problems.add(tree.place, `tests are a list, and this is ${kindOf(tree)}`);
    return [];
  }
  return tree.items.flatMap((item) => {
    const parsed = parseCase(item, problems);
    return parsed === undefined ? [] : [parsed];
  });
}

const CASE_KEYS = ["event", "matches", "name", "because"] as const;

function parseCase(tree: Tree, problems: Problems): Case | undefined {
  const node = mapOf(tree, "a test", problems);
  if (node === undefined) return undefined;
  refuseUnknownKeys(node, CASE_KEYS, "a test", problems);
  const value = (key: (typeof CASE_KEYS)[number]) => node.entries.get(key)?.value;
  const tested = value("event");
  if (tested === undefined) {
    problems.add(node.place, "this test has no event; write event: { on: open, path: /a/file }");
    return undefined;
  }
  const event = parseEvent(tested, problems);
  const matches = value("matches");
  const texts = (["name", "because"] as const).map((key) => textOf(value(key), problems));
  return event && {
    place: node.place,
    text: texts.filter((text) => text !== "").join(": "),
    event,
    expected: matches &&
      itemsOf(matches).flatMap((item) =>
        item.kind === "text"
          ? [{ name: item.text, place: item.place }]
          : (problems.add(item.place, `the name of a rule is text, and this is ${kindOf(item)}`),
            [])
      ),
  };
}

/** What an event may have besides `on`, each with the kinds that have it. */
const EVENT_KEYS = {
  path: FIELDS.path.on,
  requested: FIELDS.path.on,
  exe: FIELDS.exe.on,
  comm: FIELDS.comm.on,
  "parent.comm": FIELDS["parent.comm"].on,
  uid: FIELDS.uid.on,
  access: FIELDS.access.on,
  outcome: FIELDS.outcome.on,
  args: FIELDS.args.on,
  container: FIELDS.container.on,
} as const satisfies Record<string, readonly EventKind[]>;
type EventKey = keyof typeof EVENT_KEYS;

function parseEvent(tree: Tree, problems: Problems): EventFacts | undefined {
  const node = mapOf(tree, "an event", problems);
  if (node === undefined) return undefined;
  const reader = new EventReader(node, problems);
  const on = reader.one("on", (text) => parseChoice(text, EVENT_KINDS));
  if (on === undefined) {
    if (!node.entries.has("on")) {
      problems.add(node.place, `this event has no kind; write on: ${EVENT_KINDS.join(", on: ")}`);
    }
    return undefined;
  }
  reader.refuseKeysOfOthers(on);
  const outcome = reader.one("outcome", (text) => parseChoice<Outcome>(text, OUTCOMES)) ??
    "success";
  if (on === "exec" && outcome === "failure") {
    reader.refuse("args", 'an execution that failed has no "args"');
  }
  const path = reader.one("path", pathOf);
  const requested = reader.one("requested", pathOf);
  const access = reader.all("access", (text) => parseChoice<Access>(text, ACCESSES));
  return {
    on,
    outcome,
    // What failed has no file: its path is the one that was asked for.
    path: outcome === "failure" ? undefined : path,
    requested: requested ?? (outcome === "failure" ? path : undefined),
    exe: reader.one("exe", pathOf),
    comm: reader.one("comm", FIELDS.comm.parse),
    parentComm: reader.one("parent.comm", FIELDS["parent.comm"].parse),
    uid: reader.one("uid", FIELDS.uid.parse),
    access: access ?? (on === "open" ? ["read"] : []),
    args: reader.all("args", (text) => text) ?? [],
    container: reader.one("container", FIELDS.container.parse) ?? false,
    untold: new Set(),
  };
}

/** Reads the values of an event; notes what is wrong with them. */
class EventReader {
  readonly #node: MapNode;
  readonly #problems: Problems;

  constructor(node: MapNode, problems: Problems) {
    this.#node = node;
    this.#problems = problems;
  }

  refuseKeysOfOthers(on: EventKind): void {
    const keys = Object.keys(EVENT_KEYS) as readonly EventKey[];
    refuseUnknownKeys(this.#node, ["on", ...keys], "an event", this.#problems);
    for (const key of keys) {
      const entry = this.#node.entries.get(key);
      if (entry === undefined || (EVENT_KEYS[key] as readonly EventKind[]).includes(on)) continue;
      this.#problems.add(entry.place, `an event of the kind ${on} has no ${quoted(key)}`);
    }
  }

  refuse(key: EventKey, message: string): void {
    const entry = this.#node.entries.get(key);
    if (entry !== undefined) this.#problems.add(entry.place, message);
  }

  /** The one value of a key; undefined where there is none, or a wrong one. */
  one<T>(key: EventKey | "on", parse: (text: string) => T): T | undefined {
    const value = this.#node.entries.get(key)?.value;
    if (value?.kind === "list") {
      this.#problems.add(value.place, `an event has one ${quoted(key)}, and this is a list`);
      return undefined;
    }
    return this.all(key, parse)?.[0];
  }

  /** The values of a key, alone or in a list; undefined where it is not there. */
  all<T>(key: EventKey | "on", parse: (text: string) => T): readonly T[] | undefined {
    const value = this.#node.entries.get(key)?.value;
    return value && itemsOf(value).flatMap((item) => {
      if (item.kind !== "text") {
        this.#problems.add(item.place, `${quoted(key)} is text, and this is ${kindOf(item)}`);
        return [];
      }
      try {
        return [parse(item.text)];
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        this.#problems.add(item.place, `${quoted(key)}: ${error.message}`);
        return [];
      }
    });
  }
}

/** A path of an event is one path: not a pattern. */
function pathOf(text: string): string {
  if (text === "") throw new ValueError(`the path is empty; leave the key out where there is none`);
  if (text.includes("*")) {
    throw new ValueError(`${quoted(text)} is a pattern; the path of an event is one path`);
  }
  return text;
}

function itemsOf(tree: Tree): ListNode["items"] {
  return tree.kind === "list" ? tree.items : [tree];
}

function mapOf(tree: Tree, what: string, problems: Problems): MapNode | undefined {
  if (tree.kind === "map") return tree;
  problems.add(tree.place, `${what} is a map, and this is ${kindOf(tree)}`);
  return undefined;
}

function textOf(tree: Tree | undefined, problems: Problems): string {
  if (tree === undefined) return "";
  if (tree.kind === "text") return tree.text;
  problems.add(tree.place, `this is to be text, and is ${kindOf(tree)}`);
  return "";
}

function refuseUnknownKeys(
  node: MapNode,
  known: readonly string[],
  what: string,
  problems: Problems,
): void {
  for (const { key, place, meant } of unknownKeys(node, known)) {
    problems.add(
      place,
      meant === undefined
        ? `${what} has no ${quoted(key)}; it has ${known.join(", ")}`
        : `${what} has no ${quoted(key)}; did you mean "${meant}"?`,
    );
  }
}
