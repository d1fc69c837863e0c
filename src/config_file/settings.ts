/** The settings of a configuration file: the options of `run`, nested at their dots. @module */
import { nearest } from "../words/nearest.ts";
import { FILE_OPTIONS, type RunOptionName } from "../cli/options.ts";
import { PARSERS } from "../cli/parsers.ts";
import { quoted, ValueError } from "../words/values.ts";
import type { Place, Problems } from "../documents/problems.ts";
import { kindOf, type MapEntry, type MapNode, type Tree } from "../documents/tree.ts";

/** What a file gives for a setting. */
export interface FileSetting {
  readonly place: Place;
  /** As text; several where the option may be repeated. */
  readonly values: readonly string[];
}

export type FileSettings = ReadonlyMap<RunOptionName, FileSetting>;

/** Keys beside the settings. */
const OTHER_KEYS = ["rules", "rule-files"] as const;

/** Finds every setting, and parses its values. */
export function readSettings(root: MapNode, problems: Problems): FileSettings {
  const settings = new Map<RunOptionName, FileSetting>();
  const take = (option: FileOption, { place, value }: MapEntry) => {
    const values = readValues(option, value, problems);
    if (values !== undefined) settings.set(option.name, { place, values });
  };
  for (const [key, entry] of root.entries) {
    const option = FILE_OPTIONS.find(({ name }) => name === key && !key.includes("."));
    if (option !== undefined) take(option, entry);
    else if (SECTIONS.has(key)) readSection(key, entry, take, problems);
    else if (!OTHER_KEYS.some((other) => other === key)) {
      problems.add(entry.place, unknownKey(key));
    }
  }
  return settings;
}

type FileOption = (typeof FILE_OPTIONS)[number];

/** What stands before the dot of options, and behind it. */
const SECTIONS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(Object.groupBy(FILE_OPTIONS, ({ name }) => sectionOf(name)))
    .filter(([section]) => section !== "")
    .map(([section, options = []]) => [section, options.map(({ name }) => wordOf(name))]),
);

function readSection(
  section: string,
  { value }: MapEntry,
  take: (option: FileOption, entry: MapEntry) => void,
  problems: Problems,
): void {
  const words = SECTIONS.get(section) ?? [];
  if (value.kind !== "map") {
    // A section of which all settings are commented out.
    if (value.kind === "text" && value.text === "") return;
    const some = words.slice(0, 3).map((word) => `${word}:`).join(", ");
    problems.add(
      value.place,
      `${section}: takes settings below it (${some}), not ${kindOf(value)}`,
    );
    return;
  }
  for (const [key, entry] of value.entries) {
    const option = FILE_OPTIONS.find(({ name }) => name === `${section}.${key}`);
    if (option !== undefined) {
      take(option, entry);
      continue;
    }
    const meant = nearest(key, words);
    const hint = meant === undefined ? `; there is ${words.join(", ")}` : did(meant);
    problems.add(entry.place, `there is no setting ${quoted(key)} below "${section}"${hint}`);
  }
}

/** The texts of a setting that are right; undefined where one is not. */
function readValues(
  { name, value: placeholder, repeatable }: FileOption,
  tree: Tree,
  problems: Problems,
): readonly string[] | undefined {
  const list = placeholder === "LIST";
  const nodes = tree.kind === "list" && (list || repeatable === true) ? tree.items : [tree];
  if (nodes.length === 0) {
    problems.add(tree.place, `${name}: the list is empty; give a value, or leave it out`);
    return undefined;
  }
  const texts = nodes.flatMap((node) => {
    const message = node.kind === "text" ? faultOf(name, node.text) : whyNoText(node);
    if (message !== undefined) problems.add(node.place, `${name}: ${message}`);
    return node.kind === "text" && message === undefined ? [node.text] : [];
  });
  if (texts.length < nodes.length) return undefined;
  if (!list) return texts;
  const joined = texts.join(",");
  const message = faultOf(name, joined);
  if (message === undefined) return [joined];
  problems.add(tree.place, `${name}: ${message}`);
  return undefined;
}

function whyNoText(tree: Tree): string {
  return `takes a value, not ${kindOf(tree)}`;
}

function faultOf(name: RunOptionName, text: string): string | undefined {
  if (text === "") return "the value is empty; give one, or leave it out";
  try {
    PARSERS[name](text);
    return undefined;
  } catch (error) {
    if (error instanceof ValueError) return error.message;
    throw error;
  }
}

function unknownKey(key: string): string {
  if (key === "config.file" || key === "config") {
    return `${quoted(key)} is for the command line and the environment alone`;
  }
  const top = [...SECTIONS.keys(), ...OTHER_KEYS, ...FILE_OPTIONS.map(({ name }) => name)];
  const meant = nearest(key, top);
  const section = meant === undefined ? "" : sectionOf(meant);
  const hint = meant === undefined
    ? ""
    : section === ""
    ? did(meant)
    : `; write "${wordOf(meant)}" below "${section}:"`;
  return `there is no setting ${quoted(key)}${hint}`;
}

function did(meant: string): string {
  return `; did you mean "${meant}"?`;
}

function sectionOf(name: string): string {
  return name.slice(0, Math.max(name.indexOf("."), 0));
}

function wordOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}
