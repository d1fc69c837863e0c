/** Reads YAML into a tree with places; the only importer of the YAML library. @module */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { quoted } from "../words/values.ts";
import type { Place, Problems } from "./problems.ts";
import type { MapEntry, Tree } from "./tree.ts";

/**
 * The content of a file; undefined where it is empty, or wrong beyond use: `problems` has it. All
 * values are text: `no`, `0755` and `~` are what stands there, not what YAML would make of them.
 */
export function parseYaml(text: string, file: string, problems: Problems): Tree | undefined {
  const placeOf = placesIn(text, file);
  const document = compose(text);
  if (document === undefined) {
    problems.add(placeOf(0), TOO_DEEP);
    return undefined;
  }
  const faults = [...document.errors, ...document.warnings];
  // Most of what follows upon a fault is its consequence.
  for (const fault of faults.slice(0, MOST_FAULTS)) {
    problems.add(placeOf(fault.pos[0]), sentenceOf(fault));
  }
  if (faults.length > 0 || isNothing(document.contents)) return undefined;
  return new Conversion(placeOf, problems).convert(document.contents);
}

/** So deep may lists and maps stand in each other. */
const MOST_LEVELS = 16;
/** So many values may a file have, those counted again that an alias repeats. */
const MOST_VALUES = 50_000;

const MOST_FAULTS = 3;

const TOO_DEEP = `lists and maps stand in each other more than ${MOST_LEVELS} deep`;

/** What the library's words would not tell a user. */
const SENTENCES: Partial<Record<YAMLError["code"], string>> = {
  TAB_AS_INDENT: "a tab stands here where YAML takes spaces alone",
  MULTIPLE_DOCS: "a second document begins here; write one a file",
  NON_STRING_KEY: "this key is no word",
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAG_RESOLVE_FAILED: "tags have no meaning here; leave it out",
};

/** Undefined where it is nested so deep that the library gives up. */
function compose(text: string): Document.Parsed | undefined {
  try {
    return parseDocument(text, {
      schema: "failsafe",
      stringKeys: true,
      // Its own check compares each key with each other.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "error",
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The library's own counter of lines loses some where a text goes over several. */
function placesIn(text: string, file: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let [line, end] = [0, starts.length];
    while (end - line > 1) {
      const middle = (line + end) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle;
      else end = middle;
    }
    return { file, line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

function sentenceOf({ code, message }: YAMLError): string {
  const said = SENTENCES[code];
  if (said !== undefined) return said;
  const [first = ""] = message.split("\n");
  return `this is not YAML: ${first.slice(0, 1).toLowerCase()}${first.slice(1, 200)}`;
}

function isNothing(node: unknown): boolean {
  return node === null || (isScalar(node) && node.source === "");
}

/** What a value refers to by `*name`, and whether it is still being converted itself. */
interface Anchored {
  readonly node: unknown;
  open: boolean;
}

class Conversion {
  readonly #placeOf: (offset: number) => Place;
  readonly #problems: Problems;
  readonly #anchors = new Map<string, Anchored>();
  #values = 0;

  constructor(placeOf: (offset: number) => Place, problems: Problems) {
    this.#placeOf = placeOf;
    this.#problems = problems;
  }

  /** Undefined where there is too much of it. */
  convert(node: unknown): Tree | undefined {
    try {
      return this.#tree(node, START, 0);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      this.#problems.add(this.#placeOf(error.offset), error.message);
      return undefined;
    }
  }

  /** The library gives no node where nothing stands: that is an empty text, right behind the key. */
  #tree(node: unknown, otherwise: number, level: number): Tree {
    const offset = offsetOf(node, otherwise);
    const place = this.#placeOf(offset);
    if (++this.#values > MOST_VALUES) {
      throw new TooMuch(offset, `the file has more than ${MOST_VALUES} values`);
    }
    if (level >= MOST_LEVELS && !isScalar(node)) throw new TooMuch(offset, TOO_DEEP);
    if (isAlias(node)) return this.#alias(node.source, place, level);
    return this.#anchored(node, () => {
      if (isSeq(node)) {
        const items = node.items.map((item) => this.#tree(item, offset, level + 1));
        return { kind: "list", place, items };
      }
      if (isMap(node)) return { kind: "map", place, entries: this.#entries(node, offset, level) };
      return { kind: "text", place, text: this.#text(node, place) };
    });
  }

  #entries(map: YAMLMap, otherwise: number, level: number): ReadonlyMap<string, MapEntry> {
    const entries = new Map<string, MapEntry>();
    for (const { key, value } of map.items as readonly Pair[]) {
      const offset = offsetOf(key, otherwise);
      const place = this.#placeOf(offset);
      const name = this.#text(key, place);
      const before = entries.get(name);
      if (before === undefined) {
        entries.set(name, { place, value: this.#tree(value, offset, level + 1) });
      } else {
        const { line } = before.place;
        this.#problems.add(place, `${quoted(name)} stands here a second time, after line ${line}`);
      }
    }
    return entries;
  }

  #text(node: unknown, place: Place): string {
    const text = isScalar(node) ? String(node.value ?? "") : "";
    // By escapes in double quotes: neither a path nor a name in the kernel can hold them.
    if (text.includes("\0") || !text.isWellFormed()) {
      this.#problems.add(place, "the text holds a NUL, or half a character");
    }
    return text;
  }

  #alias(name: string, place: Place, level: number): Tree {
    const anchored = this.#anchors.get(name);
    if (anchored !== undefined && !anchored.open) return this.#tree(anchored.node, START, level);
    this.#problems.add(
      place,
      anchored === undefined
        ? `nothing before this is called ${quoted(`&${name}`)}`
        : `${quoted(`*${name}`)} would be within itself`,
    );
    return { kind: "text", place, text: "" };
  }

  #anchored(node: unknown, convert: () => Tree): Tree {
    const name = (isScalar(node) || isSeq(node) || isMap(node)) ? node.anchor : undefined;
    if (name === undefined) return convert();
    const anchored = { node, open: true };
    this.#anchors.set(name, anchored);
    const tree = convert();
    anchored.open = false;
    return tree;
  }
}

/** Ends a conversion. */
class TooMuch extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const START = 0;

function offsetOf(node: unknown, otherwise: number): number {
  const known = isScalar(node) || isSeq(node) || isMap(node) || isAlias(node);
  return known ? node.range?.[0] ?? otherwise : otherwise;
}
