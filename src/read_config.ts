/** Reads the configuration: what libraries that takes are loaded only where there is a file. @module */
import type { Flags } from "./cli/flags.ts";
import { DEFAULT_CONFIG_FILE, environmentName } from "./cli/options.ts";
import type { Environment } from "./cli/settings.ts";
import { type Config, loadConfig } from "./config.ts";
import type { FileConfig } from "./config_file/load.ts";
import { diskFiles, type Files, isAbsence, isUnreadable } from "./config_file/files.ts";
import type { RecordingTarget } from "./recordings/files.ts";

/**
 * The configuration by flags, environment and file. Throws a usage error where any of them is wrong,
 * and where a file is named that cannot be read.
 */
export async function readConfig(
  flags: Flags,
  environment: Environment,
  recording?: RecordingTarget,
): Promise<Config> {
  const named = flags["config.file"]?.[0] ?? environment[environmentName("config.file")];
  // An empty name is told of by what parses all settings.
  const file = named === ""
    ? undefined
    : named === undefined && !exists(DEFAULT_CONFIG_FILE)
    ? undefined
    : await readFile(named ?? DEFAULT_CONFIG_FILE);
  return loadConfig(flags, environment, { file, recording });
}

/** A configuration file and what it names, without flags and environment. Throws a usage error. */
export async function readFile(path: string, files: Files = diskFiles): Promise<FileConfig> {
  const { loadConfigFile } = await import("./config_file/load.ts");
  return loadConfigFile(path, files);
}

/** Any other trouble than that it is not there shows when it is read. */
function exists(path: string): boolean {
  try {
    diskFiles.read(path);
    return true;
  } catch (error) {
    if (isUnreadable(error)) return !isAbsence(error);
    throw error;
  }
}
