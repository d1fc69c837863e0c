/** The help of the agent and of each command, made from the table of options. @module */
import { type CommandName, COMMANDS, OPTIONS, optionsOf } from "./options.ts";
import {
  ENVIRONMENT,
  EXAMPLES,
  EXIT_CODES,
  optionForm,
  optionMeaning,
  type Row,
  TITLE,
  UNBROKEN,
} from "./topics.ts";
import { wrap } from "./wrap.ts";

/** Help on one command, or on all of them: examples first, lines of at most 100 columns. */
export function helpText(about?: CommandName): string {
  const options = about === undefined ? OPTIONS : optionsOf(about);
  const examples = EXAMPLES.filter(({ of }) => about === undefined || of === about);
  const sections: Section[] = [
    [heading(about)],
    ["Examples:", columns(examples.map(({ line, meaning }) => [line, meaning]))],
    ["Usage:", usage(about)],
  ];
  if (about === undefined) sections.push(["Commands:", columns(commandRows())]);
  sections.push(...optionSections(options));
  if (about === undefined || about === "run") {
    sections.push(["Environment:", columns(ENVIRONMENT)], ["Exit codes:", columns(EXIT_CODES.run)]);
  }
  if (about === "check" || about === "test") {
    sections.push(["Exit codes:", columns(EXIT_CODES[about])]);
  }
  return `${sections.map((section) => section.join("\n")).join("\n\n")}\n`;
}

/** A heading and what stands under it. */
type Section = readonly string[];

const WIDTH = 100;
const GAP = 3;

function heading(about: CommandName | undefined): string {
  const command = COMMANDS.find(({ name }) => name === about);
  const text = command === undefined ? TITLE : `ebpf-agent ${command.name}: ${command.meaning}.`;
  return wrap(text, WIDTH).join("\n");
}

function usage(about: CommandName | undefined): string {
  const command = COMMANDS.find(({ name }) => name === about);
  if (command === undefined) return "  ebpf-agent [COMMAND] [OPTIONS]";
  const name = command.name === "run" ? "[run]" : command.name;
  return `  ebpf-agent ${name} ${command.usage}`.trimEnd();
}

function commandRows(): readonly Row[] {
  return COMMANDS.map(({ name, usage, meaning }) => [
    usage.startsWith("[-") ? `${name} ${usage}` : name,
    meaning,
  ]);
}

/** One section for each group, all aligned alike. */
function optionSections(options: typeof OPTIONS): readonly Section[] {
  const left = Math.max(...options.map((option) => optionForm(option).length));
  return [...new Set(options.map(({ group }) => group))].map((group) => [
    `${group}:`,
    columns(
      options.filter((option) => option.group === group)
        .map((option) => [optionForm(option), optionMeaning(option)]),
      left,
    ),
  ]);
}

/** Two columns, the right one wrapped; `left` is the width of the left one. */
function columns(
  rows: readonly Row[],
  left: number = Math.max(...rows.map(([text]) => text.length)),
): string {
  const indent = " ".repeat(2 + left + GAP);
  return rows.map(([name, meaning]) =>
    `  ${name.padEnd(left + GAP)}${wrap(meaning, WIDTH - indent.length).join(`\n${indent}`)}`
  ).join("\n").replaceAll(UNBROKEN, " ");
}
