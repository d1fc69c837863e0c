/** One frozen configuration: defaults, environment and flags, and the source of each value. @module */
import { LONGEST_DURATION_MS, parseDuration } from "./cli/duration.ts";
import type { Flags } from "./cli/flags.ts";
import {
  formatListenAddress,
  type ListenAddress,
  parseListenAddress,
} from "./cli/listen_address.ts";
import type { RunOptionName } from "./cli/options.ts";
import { type Environment, findSettings, parseSetting, type Source } from "./cli/settings.ts";
import {
  parseChoice,
  parseComm,
  parseEventList,
  parseRingPages,
  parseSwitch,
  parseTelemetryPath,
  parseWholeNumber,
} from "./cli/values.ts";
import { type EventKind, perKind } from "./events/kinds.ts";
import { TRANSPORTS } from "./events/transport.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "./log.ts";
import type { ForcedHooks } from "./probes/attach_plan.ts";
import { HOOK_NAMES } from "./probes/catalogue.ts";

export { isLoopback, type ListenAddress } from "./cli/listen_address.ts";

/** Everything `run` is told. */
export interface Config {
  readonly listen: readonly ListenAddress[];
  readonly telemetryPath: string;
  /** The kinds to deliver, each once; empty for counters only. */
  readonly events: readonly EventKind[];
  readonly output: (typeof OUTPUTS)[number];
  /** Deliver what has any of the values of each list that is not empty. */
  readonly filter: {
    readonly comm: readonly string[];
    readonly uid: readonly number[];
    readonly pid: readonly number[];
  };
  readonly args: (typeof ARGUMENTS)[number];
  readonly pollIntervalMs: number;
  /** For each CPU; undefined: by the number of CPUs. */
  readonly ringPages: number | undefined;
  readonly transport: (typeof TRANSPORT_CHOICES)[number];
  readonly bpfStats: boolean;
  /** Undefined: until a signal. */
  readonly durationMs: number | undefined;
  /** Hooks to use and no others, for debugging. */
  readonly probes: ForcedHooks;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** By the option's name: `web.listen-address`. */
  readonly sources: Readonly<Record<string, Source>>;
}

/** Builds the configuration. Throws a usage error that begins with the flag or variable at fault. */
export function loadConfig(flags: Flags, environment: Environment): Config {
  const settings = findSettings(flags, environment);
  const all = <T>(name: RunOptionName, parse: (text: string) => T): readonly T[] => {
    const setting = settings.get(name);
    return setting === undefined ? [] : parseSetting(setting, parse);
  };
  const perhaps = <T>(name: RunOptionName, parse: (text: string) => T) => all(name, parse).at(0);
  const one = <T>(name: RunOptionName, parse: (text: string) => T): T => {
    const value = perhaps(name, parse);
    if (value === undefined) throw new Error(`Cannot configure --${name}: it has no default`);
    return value;
  };
  return deepFreeze<Config>({
    listen: distinct(all("web.listen-address", parseListenAddress), formatListenAddress),
    telemetryPath: one("web.telemetry-path", parseTelemetryPath),
    events: one("events", parseEventList),
    output: one("output", (text) => parseChoice(text, OUTPUTS)),
    filter: {
      comm: distinct(all("filter.comm", parseComm)),
      uid: distinct(all("filter.uid", (text) => parseWholeNumber(text, USER_IDS))),
      pid: distinct(all("filter.pid", (text) => parseWholeNumber(text, PROCESS_IDS))),
    },
    args: one("args", (text) => parseChoice(text, ARGUMENTS)),
    pollIntervalMs: one("poll.interval", (text) => parseDuration(text, POLL_INTERVALS)),
    transport: one("transport", (text) => parseChoice(text, TRANSPORT_CHOICES)),
    ringPages: perhaps("ring.pages", parseRingPages),
    bpfStats: perhaps("bpf.stats", parseSwitch) ?? false,
    durationMs: perhaps("duration", (text) => parseDuration(text, DURATIONS)),
    probes: perKind((event) => perhaps(`probe.${event}`, (text) => parseChoice(text, HOOK_NAMES))),
    log: {
      level: one("log.level", (text) => parseChoice(text, LOG_LEVELS)),
      format: one("log.format", (text) => parseChoice(text, LOG_FORMATS)),
    },
    sources: Object.fromEntries([...settings].map(([name, { source }]) => [name, source])),
  });
}

const OUTPUTS = ["text", "json", "none"] as const;
const TRANSPORT_CHOICES = ["auto", ...TRANSPORTS] as const;
const ARGUMENTS = ["full", "none"] as const;
/** The kernel keeps 2^32 - 1 for "no user". */
const USER_IDS = { what: "a user id", least: 0, most: 2 ** 32 - 2 } as const;
/** The kernel's PID_MAX_LIMIT on 64-bit machines. */
const PROCESS_IDS = { what: "a process id", least: 1, most: 2 ** 22 } as const;
const POLL_INTERVALS = { least: 100, most: 3_600_000 } as const;
const DURATIONS = { least: 1, most: LONGEST_DURATION_MS } as const;

function distinct<T>(values: readonly T[], key: (value: T) => unknown = (value) => value) {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}
