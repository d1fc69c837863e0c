import { equal, ok } from "node:assert/strict";
import { FILE_OPTIONS } from "../src/cli/options.ts";
import { Problems } from "../src/documents/problems.ts";
import { parseYaml } from "../src/documents/yaml.ts";
import { FIELDS } from "../src/rules/fields.ts";
import { parseRules } from "../src/rules/parse_rule.ts";
import { generate } from "./gen_configuration_doc.ts";

/** The cells of a table's row. */
function cellsOf(line: string): readonly string[] {
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
}

Deno.test("generate() has a row of five cells for each setting", () => {
  const lines = generate().split("\n");
  for (const { name, default: usual } of FILE_OPTIONS) {
    const [word, section] = name.split(".").reverse();
    const place = section === undefined ? `${word}:` : `${section}: { ${word}: }`;
    const rows = lines.filter((line) => line.startsWith(`| \`${place}\` |`));
    equal(rows.length, 1, name);
    const cells = cellsOf(rows[0] ?? "");
    equal(cells.length, 5, rows[0]);
    if (usual !== undefined) equal(cells[2], `\`${usual}\``);
  }
});

Deno.test("generate() has a row of four cells for each condition", () => {
  const lines = generate().split("\n");
  for (const name of Object.keys(FIELDS)) {
    const rows = lines.filter((line) => line.startsWith(`| \`${name}\` | `));
    equal(rows.length, 1, name);
    equal(cellsOf(rows[0] ?? "").length, 4, rows[0]);
  }
});

Deno.test("generate() shows a rule that is right", () => {
  const block = /\n {4}rules:\n((?: {6}.*\n)+)/.exec(generate())?.[1] ?? "";
  const problems = new Problems();
  const tree = parseYaml(block, "doc", problems);
  ok(tree);
  equal(parseRules(tree, problems).length, 1);
  equal(problems.lines().join("\n"), "");
});
