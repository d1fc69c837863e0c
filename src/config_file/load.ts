/** A configuration file and the rule files that it names: all of it, or all that is wrong. @module */
import { quoted } from "../words/values.ts";
import type { AgentError } from "../errors.ts";
import { usageError } from "../errors.ts";
import { type ParsedRule, parseRules } from "../rules/parse_rule.ts";
import { checkTogether } from "../rules/together.ts";
import { type Place, Problems } from "../documents/problems.ts";
import { type FileBytes, readTree } from "../documents/read_tree.ts";
import { type FileSettings, readSettings } from "./settings.ts";
import { MOST_BYTES } from "../documents/text.ts";
import { kindOf, type MapNode, type Tree, unknownKeys } from "../documents/tree.ts";
import { type Files, isPattern, isUnreadable } from "./files.ts";

/** What a configuration file says. */
export interface FileConfig {
  readonly path: string;
  readonly settings: FileSettings;
  /** Those that are not enabled, too. */
  readonly rules: readonly ParsedRule[];
  /** The files that rules came from, with how many. */
  readonly ruleFiles: readonly { readonly path: string; readonly rules: readonly ParsedRule[] }[];
}

/** Reads a file and what it names. Throws a usage error that tells of all that is wrong. */
export function loadConfigFile(path: string, files: Files): FileConfig {
  const problems = new Problems();
  const bytes = readOrThrow(path, files);
  const root = readMap(path, bytes, problems);
  const settings = root === undefined ? new Map() : readSettings(root, problems);
  const own = rulesOf(root, problems);
  const ruleFiles = [
    ...(own.length > 0 ? [{ path, rules: own }] : []),
    ...readRuleFiles(root, { name: path, bytes }, files, problems),
  ];
  const rules = ruleFiles.flatMap((file) => file.rules);
  checkTogether(rules, problems);
  if (!problems.none) throw problems.error();
  return { path, settings, rules, ruleFiles };
}

/** Of rule files: what they test is not looked at here. */
const RULE_FILE_KEYS = ["rules", "tests"];
const MOST_FILES = 64;

function readOrThrow(path: string, files: Files): Uint8Array {
  try {
    return files.read(path);
  } catch (error) {
    if (isUnreadable(error)) throw unreadable(path, error);
    throw error;
  }
}

function unreadable(path: string, error: Error): AgentError {
  const remedy = "Name one by --config.file=PATH, or leave that out";
  return usageError(`Cannot read the configuration ${path}: ${error.message}. ${remedy}`, error);
}

/** The map that a file is; undefined where it is empty or wrong. */
function readMap(path: string, bytes: Uint8Array, problems: Problems): MapNode | undefined {
  const tree = readTree({ name: path, bytes }, problems);
  if (tree === undefined || tree.kind === "map") return tree;
  problems.add(
    tree.place,
    `the file has to be a map, such as "log:" and below it, not ${kindOf(tree)}`,
  );
  return undefined;
}

function rulesOf(root: MapNode | undefined, problems: Problems): readonly ParsedRule[] {
  const rules = root?.entries.get("rules");
  return rules === undefined ? [] : parseRules(rules.value, problems);
}

function readRuleFiles(
  root: MapNode | undefined,
  config: FileBytes,
  files: Files,
  problems: Problems,
): FileConfig["ruleFiles"] {
  const read = new Map<string, readonly ParsedRule[]>();
  let room = MOST_BYTES - config.bytes.length;
  for (const { path, place } of namedRuleFiles(root, config.name, files, problems)) {
    if (read.has(path)) continue;
    if (read.size === MOST_FILES) {
      problems.add(place, `rule-files: these are more than ${MOST_FILES} files`);
      break;
    }
    const bytes = attempt(() => files.read(path), { path, place }, problems);
    if (bytes === undefined) continue;
    room -= bytes.length;
    if (room < 0) {
      problems.add(place, `rule-files: ${tooLargeTogether(path)}`);
      break;
    }
    read.set(path, readRuleFile(path, bytes, problems));
  }
  return [...read].map(([path, rules]) => ({ path, rules }));
}

/** A file of rules, and where the configuration names it. */
interface NamedFile {
  readonly path: string;
  readonly place: Place;
}

function* namedRuleFiles(
  root: MapNode | undefined,
  configPath: string,
  files: Files,
  problems: Problems,
): Generator<NamedFile> {
  const value = root?.entries.get("rule-files")?.value;
  if (value === undefined || isNothing(value)) return;
  const folder = folderOf(configPath);
  for (const node of value.kind === "list" ? value.items : [value]) {
    const { place } = node;
    if (node.kind !== "text" || node.text === "") {
      problems.add(place, "rule-files: takes a path, or a list of paths");
      continue;
    }
    const find = () => files.find(node.text, folder);
    const found = attempt(find, { path: node.text, place }, problems) ?? [];
    if (found.includes(configPath) && !isPattern(node.text)) {
      problems.add(
        place,
        "rule-files: this is the configuration itself, whose rules count already",
      );
    }
    yield* found.filter((path) => path !== configPath).map((path) => ({ path, place }));
  }
}

/** What is done with a file; undefined where it cannot be read: `problems` has it. */
function attempt<T>(act: () => T, { path, place }: NamedFile, problems: Problems): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    problems.add(place, `rule-files: cannot read ${quoted(path)}: ${error.message}`);
    return undefined;
  }
}

function tooLargeTogether(path: string): string {
  return `with ${quoted(path)} the configuration and its rules are larger than 256 KiB; ` +
    "name fewer files, or take tests and comments out of them";
}

function readRuleFile(path: string, bytes: Uint8Array, problems: Problems): readonly ParsedRule[] {
  const root = readMap(path, bytes, problems);
  for (const { key, place, meant } of root === undefined ? [] : unknownKeys(root, RULE_FILE_KEYS)) {
    const hint = meant === undefined
      ? "settings stand in the configuration itself"
      : `did you mean "${meant}"?`;
    problems.add(place, `there is no ${quoted(key)} in a file of rules; ${hint}`);
  }
  return rulesOf(root, problems);
}

function isNothing(tree: Tree): boolean {
  return tree.kind === "text" && tree.text === "";
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
}
