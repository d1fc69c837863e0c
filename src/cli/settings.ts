/** What each option of `run` was given, and where: by flag, environment, file or default. @module */
import { formatPlace } from "../documents/problems.ts";
import type { FileSettings } from "../config_file/settings.ts";
import { usageError } from "../errors.ts";
import { escapeControls } from "../log.ts";
import type { Flags } from "./flags.ts";
import { nearest } from "../words/nearest.ts";
import { ENVIRONMENT_PREFIX, environmentName, RUN_OPTIONS, type RunOptionName } from "./options.ts";
import { ValueError } from "../words/values.ts";

/** Where a value comes from. */
export type Source = "default" | "file" | "environment" | "flag";

/** The environment as `Deno.env.toObject()` gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Setting {
  readonly source: Source;
  /** The flag or variable that it was given by, or its place in the file. */
  readonly place: string;
  /** As text; several where the option may be repeated. */
  readonly values: readonly string[];
}

/** Finds every setting. Throws a usage error at a variable that no option has. */
export function findSettings(
  flags: Flags,
  environment: Environment,
  file: FileSettings = new Map(),
): ReadonlyMap<RunOptionName, Setting> {
  refuseUnknownVariables(environment);
  return new Map(
    RUN_OPTIONS.map((option) => [option.name, findSetting(option, flags, environment, file)]),
  );
}

/** Parses every value of a setting. Throws a usage error that begins with its place. */
export function parseSetting<T>(
  { place, values }: Setting,
  parse: (text: string) => T,
): readonly T[] {
  return values.map((text) => {
    if (text === "") throw usageError(`${place}: the value is empty; give one, or leave it out`);
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof ValueError) throw usageError(`${place}: ${error.message}`, error);
      throw error;
    }
  });
}

function findSetting(
  { name, default: usual, repeatable }: (typeof RUN_OPTIONS)[number],
  flags: Flags,
  environment: Environment,
  file: FileSettings,
): Setting {
  const flag = flags[name];
  if (flag !== undefined) return { source: "flag", place: `--${name}`, values: flag };
  const place = environmentName(name);
  const text = environment[place];
  if (text !== undefined) {
    return { source: "environment", place, values: repeatable === true ? split(text) : [text] };
  }
  const inFile = file.get(name);
  if (inFile !== undefined) {
    return {
      source: "file",
      place: `${formatPlace(inFile.place)}: ${name}`,
      values: inFile.values,
    };
  }
  return { source: "default", place: `--${name}`, values: usual === undefined ? [] : [usual] };
}

/** A variable holds the values of a repeatable option between commas. */
function split(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim());
}

function refuseUnknownVariables(environment: Environment): void {
  const known = RUN_OPTIONS.map(({ name }) => environmentName(name));
  const unknown = Object.keys(environment).find((name) =>
    name.startsWith(ENVIRONMENT_PREFIX) && !known.includes(name)
  );
  if (unknown === undefined) return;
  const meant = nearest(withoutPrefix(unknown), known.map(withoutPrefix));
  const hint = meant === undefined ? "unset it" : `did you mean ${ENVIRONMENT_PREFIX}${meant}?`;
  throw usageError(
    `${escapeControls(unknown)}: no setting has this name; ${hint} (see ebpf-agent --help)`,
  );
}

function withoutPrefix(name: string): string {
  return name.slice(ENVIRONMENT_PREFIX.length);
}
