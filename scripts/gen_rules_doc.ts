/** The part of docs/rules.md that lists the rule pack, from rules/*.yaml. @module */
import { Problems } from "../src/documents/problems.ts";
import { parseYaml } from "../src/documents/yaml.ts";
import { type ParsedRule, parseRules } from "../src/rules/parse_rule.ts";

/** A rule file of the pack. */
export interface PackFile {
  readonly name: string;
  readonly text: string;
}

/** The document with the part of the rule pack made anew. Throws where a file or a mark is wrong. */
export function generate(text: string, files: readonly PackFile[]): string {
  const start = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  if (start < BEGIN.length || end < start) {
    throw new Error("Cannot find the rule pack in docs/rules.md: its marks are gone");
  }
  return text.slice(0, start) + files.map(section).join("") + text.slice(end);
}

/** The files of the pack, by name. */
export function readPack(folder: URL): readonly PackFile[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".yaml")
  ).sort().map((name) => ({ name, text: Deno.readTextFileSync(new URL(name, folder)) }));
}

const BEGIN = "<!-- rule pack: generated from rules/*.yaml by scripts/gen.ts -->\n";
const END = "<!-- end of rule pack -->";
const FALSELY = /(?:^|[.:] )Falsely: /;

function section(file: PackFile): string {
  const lines = file.text.split("\n");
  const head = lines.slice(0, lines.findIndex((line) => !line.startsWith("#")));
  const rows = rulesOf(file).map((rule) => row(rule, commentAbove(lines, rule.place.line)));
  return `
### \`rules/${file.name}\`

${head.map((line) => line.replace(/^# ?/, "")).join("\n")}

| rule | severity | technique | on | what sets it off falsely |
|---|---|---|---|---|
${rows.join("")}`;
}

function row({ rule, enabled }: ParsedRule, comment: string): string {
  const [about = "", falsely] = comment.split(FALSELY);
  if (falsely === undefined) {
    throw new Error(`Cannot list the rule ${rule.name}: no comment above it says "Falsely:"`);
  }
  const cells = [
    `\`${rule.name}\``,
    rule.severity,
    rule.technique ?? "",
    enabled ? "yes" : "no",
    [capital(falsely), about].filter((text) => text !== "").join(" ").replace(/([^.])$/, "$1."),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}

function rulesOf({ name, text }: PackFile): readonly ParsedRule[] {
  const problems = new Problems();
  const tree = parseYaml(text, name, problems);
  const list = tree?.kind === "map" ? tree.entries.get("rules")?.value : undefined;
  const rules = list === undefined ? [] : parseRules(list, problems);
  if (!problems.none) throw problems.error();
  return rules;
}

/** The comment that stands right above a line, which counts from 1. */
function commentAbove(lines: readonly string[], line: number): string {
  const above = lines.slice(0, line - 1);
  const start = above.findLastIndex((text) => !text.trimStart().startsWith("#")) + 1;
  return above.slice(start).map((text) => text.trim().replace(/^# ?/, "")).join(" ");
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
