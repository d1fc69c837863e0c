/** One frozen configuration: defaults, file, environment and flags, and the source of each value. @module */
import type { Flags } from "./cli/flags.ts";
import { formatListenAddress, type ListenAddress } from "./cli/listen_address.ts";
import type { RunOptionName } from "./cli/options.ts";
import { PARSERS, type SettingValues } from "./cli/parsers.ts";
import {
  type Environment,
  findSettings,
  parseSetting,
  type Setting,
  type Source,
} from "./cli/settings.ts";
import type { FileConfig } from "./config_file/load.ts";
import { formatPlace } from "./documents/problems.ts";
import { usageError } from "./errors.ts";
import { type EventKind, perKind } from "./events/kinds.ts";
import type { LogFormat, LogLevel } from "./log.ts";
import type { ForcedHooks } from "./probes/attach_plan.ts";
import type { RecordingTarget } from "./recordings/files.ts";
import type { Rule } from "./rules/rule.ts";

export { isLoopback, type ListenAddress } from "./cli/listen_address.ts";

/** Everything `run` is told. */
export interface Config {
  readonly listen: readonly ListenAddress[];
  readonly telemetryPath: string;
  /** The kinds to deliver, each once; empty for counters only. */
  readonly events: readonly EventKind[];
  readonly output: SettingValues["output"];
  /** Deliver what has any of the values of each list that is not empty. */
  readonly filter: {
    readonly comm: readonly string[];
    readonly uid: readonly number[];
    readonly pid: readonly number[];
  };
  readonly args: SettingValues["args"];
  readonly pollIntervalMs: number;
  /** For each CPU; undefined: by the number of CPUs. */
  readonly ringPages: number | undefined;
  readonly transport: SettingValues["transport"];
  readonly bpfStats: boolean;
  /** Undefined: until a signal. */
  readonly durationMs: number | undefined;
  /** Hooks to use and no others, for debugging. */
  readonly probes: ForcedHooks;
  /** Those that are enabled. */
  readonly rules: readonly Rule[];
  /** The file that was read; undefined where there was none. */
  readonly configFile: string | undefined;
  /** Undefined: nothing is recorded. */
  readonly recording: RecordingTarget | undefined;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** By the option's name: `web.listen-address`. */
  readonly sources: Readonly<Record<string, Source>>;
}

/** What a configuration is built from besides flags and environment. */
export interface ConfigSources {
  readonly file?: FileConfig;
  readonly recording?: RecordingTarget;
}

/**
 * Builds the configuration. Throws a usage error that begins with the flag, the variable or the place
 * in the file at fault.
 */
export function loadConfig(
  flags: Flags,
  environment: Environment,
  { file, recording }: ConfigSources = {},
): Config {
  const settings = findSettings(flags, environment, file?.settings);
  const all = <Name extends RunOptionName>(name: Name): readonly SettingValues[Name][] => {
    const setting = settings.get(name);
    return setting === undefined ? [] : parseSetting<SettingValues[Name]>(setting, PARSERS[name]);
  };
  const perhaps = <Name extends RunOptionName>(name: Name) => all(name).at(0);
  const one = <Name extends RunOptionName>(name: Name): SettingValues[Name] => {
    const value = perhaps(name);
    if (value === undefined) throw new Error(`Cannot configure --${name}: it has no default`);
    return value;
  };
  // What it names has been read by now; but it may be empty, which is an error as for any other.
  all("config.file");
  checkArguments(settings.get("args"), file);
  // What is recorded leaves the kernel, whatever becomes of stdout.
  if (recording === undefined) checkArguments(settings.get("output"), file);
  return deepFreeze<Config>({
    listen: distinct(all("web.listen-address"), formatListenAddress),
    telemetryPath: one("web.telemetry-path"),
    events: one("events"),
    output: one("output"),
    filter: {
      comm: distinct(all("filter.comm")),
      uid: distinct(all("filter.uid")),
      pid: distinct(all("filter.pid")),
    },
    args: one("args"),
    pollIntervalMs: one("poll.interval"),
    transport: one("transport"),
    ringPages: perhaps("ring.pages"),
    bpfStats: perhaps("bpf.stats") ?? false,
    durationMs: perhaps("duration"),
    probes: perKind((event) => perhaps(`probe.${event}`)),
    rules: enabledRules(file).map(({ rule }) => rule),
    configFile: file?.path,
    recording,
    log: { level: one("log.level"), format: one("log.format") },
    sources: Object.fromEntries([...settings].map(([name, { source }]) => [name, source])),
  });
}

function enabledRules(file: FileConfig | undefined) {
  return file?.rules.filter(({ enabled }) => enabled) ?? [];
}

/** What does not leave the kernel cannot be looked for outside of it. */
function checkArguments(setting: Setting | undefined, file: FileConfig | undefined): void {
  if (setting?.values[0] !== "none") return;
  const asking = enabledRules(file)
    .find(({ rule }) => rule.conditions.some(({ field }) => field === "args"));
  if (asking === undefined) return;
  throw usageError(
    `${formatPlace(asking.place)}: the rule "${asking.rule.name}" asks for "args", ` +
      `and ${setting.place} is "none"; take one of them away`,
  );
}

function distinct<T>(values: readonly T[], key: (value: T) => unknown = (value) => value) {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}
