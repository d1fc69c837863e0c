/** The command `record`: `run`, with every event written to a file. @module */
import type { Flags } from "../cli/flags.ts";
import { optionsOf } from "../cli/options.ts";
import type { Environment } from "../cli/settings.ts";
import { parseSize } from "../cli/size.ts";
import { parseWholeNumber, ValueError } from "../words/values.ts";
import type { Config } from "../config.ts";
import { usageError } from "../errors.ts";
import { readConfig } from "../read_config.ts";
import { run } from "./run.ts";

export interface RecordOptions {
  readonly file: string;
  readonly flags: Flags;
  /** As text; undefined for the default. */
  readonly maxSize: string | undefined;
  readonly keep: string | undefined;
}

const SIZES = { least: 2 ** 20, most: 2 ** 40 } as const;
const COUNTS = { what: "a number of files", least: 0, most: 1000 } as const;

/** Records until a signal. Nothing goes to stdout unless `--output` is given. */
export async function record(
  { file, flags, maxSize, keep }: RecordOptions,
  environment: Environment,
  onConfig: (config: Config) => void,
): Promise<void> {
  const recording = {
    path: file,
    maxSize: parseOption("record.max-size", maxSize, (text) => parseSize(text, SIZES)),
    keep: parseOption("record.keep", keep, (text) => parseWholeNumber(text, COUNTS)),
  };
  const read = () => readConfig({ output: ["none"], ...flags }, environment, recording);
  const config = await read();
  onConfig(config);
  await run(config, read);
}

function parseOption<T>(
  name: "record.max-size" | "record.keep",
  given: string | undefined,
  parse: (text: string) => T,
): T {
  const usual = optionsOf("record").find((option) => option.name === name)?.default ?? "";
  try {
    return parse(given ?? usual);
  } catch (error) {
    if (error instanceof ValueError) throw usageError(`--${name}: ${error.message}`, error);
    throw error;
  }
}
