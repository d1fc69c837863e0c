import { deepEqual, equal, match } from "node:assert/strict";
import { helpText } from "./help.ts";
import { parseCommandLine } from "./flags.ts";
import { type CommandName, COMMANDS, OPTIONS, optionsOf } from "./options.ts";
import { EXIT_CODES } from "./topics.ts";

const ALL = [undefined, ...COMMANDS.map(({ name }) => name)];

function headings(text: string): readonly string[] {
  return text.split("\n").filter((line) => /^\S.*:$/.test(line));
}

Deno.test("helpText() begins with what it is, then examples, usage, commands and options", () => {
  deepEqual(headings(helpText()), [
    "Examples:",
    "Usage:",
    "Commands:",
    ...new Set(OPTIONS.map(({ group }) => `${group}:`)),
    "Environment:",
    "Exit codes:",
  ]);
});

Deno.test("helpText() shows the exit codes of a command that has its own in its help", () => {
  const meanings = (about?: CommandName) =>
    helpText(about).split("\nExit codes:\n")[1]?.match(/(?<=^ {2}\d {3}).*/gm) ?? [];
  for (const about of ALL) {
    const rows = Object.entries(EXIT_CODES).find(([name]) => name === (about ?? "run"))?.[1] ?? [];
    deepEqual(meanings(about), rows.map(([, meaning]) => meaning), about);
  }
});

Deno.test("helpText() fits 100 columns, with no space at the end of a line", () => {
  for (const about of ALL) {
    for (const line of helpText(about).split("\n")) {
      equal(line.length <= 100, true, line);
      equal(line, line.trimEnd());
      match(line, /^[\x20-\x7e]*$/);
    }
  }
});

Deno.test("helpText() shows every option of a command with its default, and no other's", () => {
  for (const about of ALL) {
    const text = helpText(about);
    const shown = [...text.matchAll(/^ {2}(?:-h, )?--([a-z.-]+)/gm)].map(([, name]) => name);
    const options = about === undefined ? OPTIONS : optionsOf(about);
    deepEqual(shown, options.map(({ name }) => name));
    for (const { default: usual, otherwise } of options) {
      const expected = usual ?? otherwise;
      if (expected !== undefined) equal(text.includes(`[default: ${expected}]`), true, expected);
    }
  }
});

Deno.test("helpText() aligns the meanings of all options", () => {
  const rows = helpText().split("\n").filter((line) => /^ {2}(-h, )?--/.test(line));
  equal(new Set(rows.map((row) => row.search(/\S(?<=\s{3}\S)(?!-)/))).size, 1);
});

Deno.test("helpText() gives examples that the parser takes", () => {
  let examples = 0;
  for (const line of helpText().split("\n\n")[1]?.split("\n").slice(1) ?? []) {
    const [program, ...args] = line.trim().split(/ {3,}/)[0]?.split(" ") ?? [];
    equal(program, "ebpf-agent");
    parseCommandLine(args);
    examples++;
  }
  equal(examples >= 5, true);
});
