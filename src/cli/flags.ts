/** The strict parser of the command line; the only importer of `parseArgs`. @module */
import { parseArgs } from "node:util";
import { usageError } from "../errors.ts";
import { nearest } from "../words/nearest.ts";
import {
  type CommandName,
  COMMANDS,
  isOf,
  type OptionName,
  OPTIONS,
  type OptionSpec,
  type RunOptionName,
} from "./options.ts";
import { PRINTABLE, type Printable } from "./printable.ts";
import { parseChoice, quoted, ValueError } from "../words/values.ts";

/** What was given for the options of `run`: their values as text, in order; a switch is "true". */
export type Flags = Readonly<Partial<Record<RunOptionName, readonly string[]>>>;

/** What the command line asks for. */
export type Invocation =
  | { readonly command: "run"; readonly flags: Flags }
  | {
    readonly command: "check";
    readonly json: boolean;
    /** Look whether this file is right, and at nothing else. */
    readonly configFile: string | undefined;
  }
  | {
    readonly command: "record";
    readonly flags: Flags;
    readonly file: string;
    /** Undefined: the default. */
    readonly maxSize: string | undefined;
    readonly keep: string | undefined;
  }
  | {
    readonly command: "test";
    readonly ruleFiles: readonly string[];
    readonly events: string | undefined;
  }
  | { readonly command: "print"; readonly what: Printable }
  | { readonly command: "version" }
  | { readonly command: "help"; readonly about: CommandName | undefined };

/** Parses the arguments behind the program's name. Throws a usage error at the first wrong one. */
export function parseCommandLine(args: readonly string[]): Invocation {
  const { options, words } = readArguments(args);
  const about = COMMANDS.find(({ name }) => name === words[0]?.text)?.name;
  if (isOn(options, "help")) return { command: "help", about };
  const command = commandOf(words);
  if (isOn(options, "version")) return { command: "version" };
  for (const { spec } of options.values()) {
    if (!isOf(spec, command)) {
      throw usageError(
        `--${spec.name}: belongs to "${spec.command}", "${command}" does not take it ` +
          `(see ebpf-agent ${command} --help)`,
      );
    }
  }
  if (command === "check") {
    const configFile = options.get("config.file")?.values[0];
    return { command, json: isOn(options, "json"), configFile };
  }
  if (command === "record" || command === "test") return withFiles(command, words, options);
  if (command === "print") return { command, what: printableOf(words[1]) };
  return command === "run" ? { command, flags: flagsOf(options) } : { command };
}

interface Given {
  readonly spec: (typeof OPTIONS)[number];
  readonly values: readonly string[];
}

type GivenOptions = ReadonlyMap<string, Given>;

interface Word {
  readonly text: string;
  /** The switch that stands before it, whose value it may have been meant to be. */
  readonly after: OptionSpec | undefined;
}

const HELP = "(see ebpf-agent --help)";

/** Sorts arguments into options, each known and complete, and the other words. */
function readArguments(args: readonly string[]): { options: GivenOptions; words: readonly Word[] } {
  // Not parseArgs' own strict mode: it is as strict, but its sentences name no remedy.
  const { tokens } = parseArgs({
    args: [...args],
    options: parserOptions(),
    strict: false,
    tokens: true,
  });
  const options = new Map<string, Given>();
  const words: Word[] = [];
  let before: OptionSpec | undefined;
  for (const token of tokens) {
    if (token.kind === "option") {
      const spec = OPTIONS.find(({ name }) => name === token.name);
      // As written: the parser takes `-events`, a long name with one dash, for seven short ones.
      const written = args[token.index] ?? token.rawName;
      if (spec === undefined) throw unknownFlag(written);
      const value = spec.value === undefined
        ? switchValue(spec, token.value)
        : givenValue(spec, token.value, token.inlineValue === true);
      const values = [...(options.get(spec.name)?.values ?? []), value];
      if (values.length > 1 && spec.repeatable !== true) {
        throw usageError(`--${spec.name}: is given more than once; give it once`);
      }
      options.set(spec.name, { spec, values });
      before = spec.value === undefined ? spec : undefined;
    } else if (token.kind === "positional") {
      words.push({ text: token.value, after: before });
      before = undefined;
    }
  }
  return { options, words };
}

function parserOptions() {
  return Object.fromEntries(OPTIONS.map(({ name, value, short }) => {
    const type = value === undefined ? "boolean" as const : "string" as const;
    return [name, short === undefined ? { type } : { type, short }];
  }));
}

function unknownFlag(written: string): Error {
  const flag = written.replace(/=.*$/s, "");
  const meant = nearest(flag.replace(/^-+/, ""), OPTIONS.map(({ name }) => name));
  return usageError(
    meant === undefined
      ? `Unknown flag ${quoted(flag)} ${HELP}`
      : `Unknown flag ${quoted(flag)}: did you mean --${meant}? ${HELP}`,
  );
}

function switchValue({ name }: OptionSpec, value: string | undefined): string {
  if (value === undefined) return "true";
  if (value === "true" || value === "false") return value;
  throw usageError(`--${name}: takes true or false, not ${quoted(value)}; --${name} alone is true`);
}

function givenValue(spec: OptionSpec, value: string | undefined, inline: boolean): string {
  const { name, default: usual, value: placeholder } = spec;
  const remedy = usual === undefined
    ? `write --${name}=${placeholder}`
    : `write --${name}=${placeholder}, such as --${name}=${usual}`;
  // `--output --events=exec` forgot a value rather than ask for an output named "--events=exec".
  if (value === undefined || (!inline && value.startsWith("-"))) {
    throw usageError(`--${name}: the value is missing; ${remedy}`);
  }
  if (value === "") throw usageError(`--${name}: the value is empty; ${remedy}`);
  return value;
}

function commandOf([first, ...rest]: readonly Word[]): CommandName {
  if (first === undefined) return "run";
  const command = COMMANDS.find(({ name }) => name === first.text);
  if (command === undefined) throw unknownCommand(first);
  if (command.files === "some") return command.name;
  const takesOne = command.argument !== undefined || command.files === "one";
  const [surplus] = takesOne ? rest.slice(1) : rest;
  if (surplus !== undefined) {
    throw usageError(
      switchHint(surplus) ??
        `Unexpected argument ${quoted(surplus.text)} after "${command.name}" ${HELP}`,
    );
  }
  return command.name;
}

function withFiles(
  command: "record" | "test",
  [, ...words]: readonly Word[],
  options: GivenOptions,
): Invocation {
  const given = (name: OptionName) => options.get(name)?.values[0];
  const files = words.map(({ text }) => text);
  const [file] = files;
  if (file === undefined) {
    throw usageError(
      command === "test"
        ? "test: the rules are missing; write the files they are in, such as rules/*.yaml"
        : "record: the file is missing; write the one to record to, such as agent.rec",
    );
  }
  if (files.includes("")) {
    const such = command === "test" ? "rules.yaml" : "agent.rec";
    throw usageError(`${command}: the name of a file is empty; write one, such as ${such}`);
  }
  if (command === "test") return { command, ruleFiles: files, events: given("events") };
  const ofRun = new Map([...options].filter(([, { spec }]) => spec.command === "run"));
  const [maxSize, keep] = [given("record.max-size"), given("record.keep")];
  return { command, file, flags: flagsOf(ofRun), maxSize, keep };
}

function printableOf(word: Word | undefined): Printable {
  if (word === undefined) {
    throw usageError(`print: the argument is missing; write one of ${PRINTABLE.join(", ")}`);
  }
  try {
    return parseChoice(word.text, PRINTABLE);
  } catch (error) {
    if (error instanceof ValueError) throw usageError(`print: ${error.message}`, error);
    throw error;
  }
}

function unknownCommand(word: Word): Error {
  const meant = nearest(word.text, COMMANDS.map(({ name }) => name));
  return usageError(
    switchHint(word) ??
      (meant === undefined
        ? `Unknown command ${quoted(word.text)} ${HELP}`
        : `Unknown command ${quoted(word.text)}: did you mean "${meant}"? ${HELP}`),
  );
}

function switchHint({ text, after }: Word): string | undefined {
  if (after === undefined || (text !== "true" && text !== "false")) return undefined;
  return `Unexpected argument "${text}" after --${after.name}: write --${after.name}=${text}`;
}

function isOn(options: GivenOptions, name: string): boolean {
  return options.get(name)?.values[0] === "true";
}

function flagsOf(options: GivenOptions): Flags {
  return Object.fromEntries([...options].map(([name, { values }]) => [name, values]));
}
