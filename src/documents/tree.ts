/** A YAML file as lists, maps and text, each with its place. @module */
import { nearest } from "../words/nearest.ts";
import type { Place } from "./problems.ts";

/** All that a file is made of. Values are text, as on a command line: what they mean is not YAML's. */
export type Tree = TextNode | ListNode | MapNode;

export interface TextNode {
  readonly kind: "text";
  readonly place: Place;
  readonly text: string;
}

export interface ListNode {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly Tree[];
}

export interface MapNode {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  /** Where its key stands. */
  readonly place: Place;
  readonly value: Tree;
}

/** A value without places: text, array or object. */
export type Plain = string | readonly Plain[] | { readonly [key: string]: Plain };

/** The value without its places. */
export function plain(tree: Tree): Plain {
  switch (tree.kind) {
    case "text":
      return tree.text;
    case "list":
      return tree.items.map(plain);
    case "map": {
      // Without a prototype, so that no key means anything but itself.
      const object: Record<string, Plain> = Object.create(null);
      for (const [key, { value }] of tree.entries) object[key] = plain(value);
      return object;
    }
  }
}

/** The deepest there is on the way along a path of keys and indices. */
export function treeAt(tree: Tree, path: readonly (string | number)[]): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return tree;
  const next = tree.kind === "map"
    ? tree.entries.get(`${step}`)?.value
    : tree.kind === "list" && typeof step === "number"
    ? tree.items[step]
    : undefined;
  return next === undefined ? tree : treeAt(next, rest);
}

/** A key that a map should not have. */
export interface UnknownKey {
  readonly key: string;
  readonly place: Place;
  /** The known one that comes close to it. */
  readonly meant: string | undefined;
}

/** The keys of a map that are none of the known ones. */
export function unknownKeys({ entries }: MapNode, known: readonly string[]): readonly UnknownKey[] {
  return [...entries].filter(([key]) => !known.includes(key))
    .map(([key, { place }]) => ({ key, place, meant: nearest(key, known) }));
}

/** What a value is, for a sentence: "a list". */
export function kindOf(tree: Tree): string {
  return tree.kind === "text" ? "a value" : `a ${tree.kind}`;
}
