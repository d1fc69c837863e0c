/** A configuration file and the rule files that it names: all of it, or all that is wrong. @module */
import { quoted } from "../cli/values.ts";
import type { AgentError } from "../errors.ts";
import { usageError } from "../errors.ts";
import { MOST_RULES } from "../rules/rule.ts";
import { type ParsedRule, parseRules, repeatedNames } from "../rules/parse_rule.ts";
import { formatPlace, Problems } from "./problems.ts";
import { readTree } from "./read_tree.ts";
import { type FileSettings, readSettings } from "./settings.ts";
import { kindOf, type MapNode, type Tree, unknownKeys } from "./tree.ts";
import { type Files, isUnreadable } from "./files.ts";

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
  const root = readMap(path, readOrThrow(path, files), problems);
  const settings = root === undefined ? new Map() : readSettings(root, problems);
  const own = rulesOf(root, problems);
  const ruleFiles = [
    ...(own.length > 0 ? [{ path, rules: own }] : []),
    ...readRuleFiles(root, path, files, problems),
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
  configPath: string,
  files: Files,
  problems: Problems,
): FileConfig["ruleFiles"] {
  const entry = root?.entries.get("rule-files");
  const read = new Map<string, readonly ParsedRule[]>();
  if (entry === undefined || isNothing(entry.value)) return [];
  const folder = folderOf(configPath);
  const nodes = entry.value.kind === "list" ? entry.value.items : [entry.value];
  for (const node of nodes) {
    if (node.kind !== "text" || node.text === "") {
      problems.add(node.place, "rule-files: takes a path, or a list of paths");
      continue;
    }
    const attempt = <T>(path: string, act: () => T): T | undefined => {
      try {
        return act();
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        problems.add(node.place, `rule-files: cannot read ${quoted(path)}: ${error.message}`);
        return undefined;
      }
    };
    for (const path of attempt(node.text, () => files.find(node.text, folder)) ?? []) {
      if (path === configPath || read.has(path)) continue;
      if (read.size === MOST_FILES) {
        problems.add(node.place, `rule-files: these are more than ${MOST_FILES} files`);
        break;
      }
      const bytes = attempt(path, () => files.read(path));
      if (bytes !== undefined) read.set(path, readRuleFile(path, bytes, problems));
    }
  }
  return [...read].map(([path, rules]) => ({ path, rules }));
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

/** What a rule cannot tell alone. */
function checkTogether(rules: readonly ParsedRule[], problems: Problems): void {
  for (const { name, place, first } of repeatedNames(rules)) {
    const where = formatPlace(first);
    problems.add(place, `name: ${quoted(name)} is the name of another rule, at ${where}`);
  }
  const tooMany = rules.filter(({ enabled }) => enabled)[MOST_RULES];
  if (tooMany === undefined) return;
  problems.add(
    tooMany.place,
    `with this rule more than ${MOST_RULES} are enabled; disable some by "enabled: false"`,
  );
}

function isNothing(tree: Tree): boolean {
  return tree.kind === "text" && tree.text === "";
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
}
