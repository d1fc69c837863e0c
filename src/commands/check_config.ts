/** The command `check --config.file`: whether a configuration is right, and what is in it. @module */
import { formatListenAddress } from "../cli/listen_address.ts";
import { print } from "../cli/print.ts";
import { type Config, loadConfig } from "../config.ts";
import type { Files } from "../config_file/files.ts";
import type { FileConfig } from "../config_file/load.ts";
import { EXIT } from "../errors.ts";
import { readFile } from "../read_config.ts";
import { needsArguments } from "../rules/compile.ts";

/** What a configuration holds, as `--json` shows it. */
export interface ConfigReport {
  readonly file: string;
  /** Names of the settings that it gives. */
  readonly settings: readonly string[];
  /** Where metrics would be served: `127.0.0.1:9110/metrics`. */
  readonly metrics: readonly string[];
  /** How many rules are enabled, in all. */
  readonly rules: number;
  readonly disabled: number;
  /** Names of the enabled rules that ask for arguments, which are matched in user space. */
  readonly rulesOnArgs: readonly string[];
  readonly ruleFiles: readonly {
    readonly file: string;
    readonly rules: number;
    readonly disabled: number;
  }[];
}

/** Says what a file holds, and returns 0. Throws a usage error that tells of all that is wrong. */
export async function checkConfig(
  path: string,
  { json }: { readonly json: boolean },
): Promise<number> {
  const report = await describeConfig(path);
  print(json ? `${JSON.stringify(report)}\n` : configText(report));
  return EXIT.done;
}

/** Reads a file with its rule files. Throws a usage error. */
export async function describeConfig(path: string, files?: Files): Promise<ConfigReport> {
  const file = await readFile(path, files);
  return reportOf(file, loadConfig({}, {}, { file }));
}

/** The report for people. */
export function configText(report: ConfigReport): string {
  const { file, settings, metrics, rules, disabled, rulesOnArgs, ruleFiles } = report;
  const without = disabled === 0 ? "" : `, and ${disabled} that are not enabled`;
  return [
    `${file} is right.`,
    `  settings  ${settings.length === 0 ? "none" : settings.join(", ")}`,
    `  metrics   ${metrics.join(", ")}`,
    `  rules     ${rules}${without}`,
    ...ruleFiles.map((one) => `            ${one.rules + one.disabled} in ${one.file}`),
    ...(rulesOnArgs.length === 0 ? [] : [`  args      ${inUserSpace(rulesOnArgs)}`]),
    "",
  ].join("\n");
}

function inUserSpace(names: readonly string[]): string {
  return `${names.join(", ")}: matched in user space, after the kernel's part`;
}

function reportOf(file: FileConfig, config: Config): ConfigReport {
  const count = (rules: FileConfig["rules"]) => {
    const enabled = rules.filter((rule) => rule.enabled).length;
    return { rules: enabled, disabled: rules.length - enabled };
  };
  return {
    file: file.path,
    settings: [...file.settings.keys()],
    metrics: config.listen.map((address) => formatListenAddress(address) + config.telemetryPath),
    ...count(file.rules),
    rulesOnArgs: config.rules.filter(needsArguments).map(({ name }) => name),
    ruleFiles: file.ruleFiles.map(({ path, rules }) => ({ file: path, ...count(rules) })),
  };
}
