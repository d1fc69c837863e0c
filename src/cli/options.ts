/** The one table of commands and options: parser, help and configuration come from it. @module */

import { EVENT_KINDS } from "../events/kinds.ts";
import { hooksFor } from "../probes/catalogue.ts";
import { PRINTABLE } from "./printable.ts";

export interface CommandSpec {
  readonly name: string;
  /** What may stand after the name. */
  readonly usage: string;
  /** The words of which one has to follow. */
  readonly argument?: readonly string[];
  /** Files have to follow: one, or at least one. */
  readonly files?: "one" | "some";
  readonly meaning: string;
}

export interface OptionSpec {
  readonly name: string;
  /** The command that takes it. */
  readonly command: CommandName | "every";
  /** Another that takes it as well. */
  readonly alsoOf?: CommandName;
  /** The heading it stands under in help. */
  readonly group: string;
  /** Placeholder of its value; an option without one is a switch. */
  readonly value?: string;
  /** What its value may be, where the placeholder does not show it. */
  readonly words?: readonly string[];
  /** Its value names a file. */
  readonly file?: true;
  /** The value that stands where none is given, in the words a user would write. */
  readonly default?: string;
  /** What happens where there is neither a value nor a default. */
  readonly otherwise?: string;
  readonly meaning: string;
  readonly repeatable?: true;
  readonly short?: string;
}

/** The configuration that is read where none is named, and where it exists. */
export const DEFAULT_CONFIG_FILE = "/etc/ebpf-agent/config.yaml";

export type CommandName = (typeof COMMAND_TABLE)[number]["name"];
export type OptionName = (typeof OPTION_TABLE)[number]["name"];
export type RunOptionName = Extract<
  (typeof OPTION_TABLE)[number],
  { readonly command: "run" }
>["name"];

const COMMAND_TABLE = [
  {
    name: "run",
    usage: "[OPTIONS]",
    meaning: "monitor until SIGINT or SIGTERM (the default command)",
  },
  {
    name: "check",
    usage: "[--json] [--config.file=PATH]",
    meaning:
      "what this kernel and these privileges allow, with proof; or whether a configuration " +
      "is right",
  },
  {
    name: "record",
    usage: "FILE [OPTIONS]",
    files: "one",
    meaning: "the same as run, with every event written to a file; takes the options of run",
  },
  {
    name: "test",
    usage: "RULES... [--events=FILE]",
    files: "some",
    meaning: "rule files against the events that they name, or against others; needs no root",
  },
  {
    name: "print",
    usage: "man|bash|zsh|fish|unit|environment|config|rules/NAME.yaml",
    argument: PRINTABLE,
    meaning: "the man page, completions for a shell, the service's unit, settings and rules",
  },
  { name: "version", usage: "", meaning: "versions of the agent and of what it runs on" },
] as const satisfies readonly CommandSpec[];

const OPTION_TABLE = [
  {
    name: "config.file",
    command: "run",
    alsoOf: "check",
    group: "Configuration",
    value: "PATH",
    file: true,
    otherwise: `${DEFAULT_CONFIG_FILE} where it exists`,
    meaning: "A file in YAML with settings and rules. A flag beats the environment, and that the " +
      "file. With check: only look whether the file is right.",
  },
  {
    name: "events",
    command: "run",
    alsoOf: "test",
    group: "What to deliver",
    value: "LIST",
    words: [...EVENT_KINDS, "none"],
    default: "exec,clone,open,privilege",
    meaning: "Kinds of event to deliver, separated by commas, or none for counters only. " +
      "Every kind is counted all the same. With test: a file of events, YAML or a recording.",
  },
  {
    name: "output",
    command: "run",
    group: "What to deliver",
    value: "text|json|none",
    default: "text",
    meaning: "What goes to stdout. JSON lines use the names of the Elastic Common Schema.",
  },
  {
    name: "filter.comm",
    command: "run",
    group: "What to deliver",
    value: "NAME",
    otherwise: "all",
    repeatable: true,
    meaning: "Deliver only events of tasks of this name, at most 15 bytes.",
  },
  {
    name: "filter.uid",
    command: "run",
    group: "What to deliver",
    value: "N",
    otherwise: "all",
    repeatable: true,
    meaning: "Deliver only events of this user.",
  },
  {
    name: "filter.pid",
    command: "run",
    group: "What to deliver",
    value: "N",
    otherwise: "all",
    repeatable: true,
    meaning: "Deliver only events of this process, by its number in the initial namespace. " +
      "One filter repeated: any of them; different filters: all of them.",
  },
  {
    name: "args",
    command: "run",
    group: "What to deliver",
    value: "full|none",
    default: "full",
    meaning: "Whether arguments of programs leave the kernel; they can hold secrets.",
  },
  {
    name: "web.listen-address",
    command: "run",
    group: "Metrics over HTTP",
    value: "[HOST]:PORT",
    default: "127.0.0.1:9110",
    repeatable: true,
    meaning: "Where to serve metrics; :3000 is every interface, port 0 a free one.",
  },
  {
    name: "web.telemetry-path",
    command: "run",
    group: "Metrics over HTTP",
    value: "PATH",
    default: "/metrics",
    meaning: "The path of the metrics.",
  },
  {
    name: "poll.interval",
    command: "run",
    group: "How to work",
    value: "DURATION",
    default: "1s",
    meaning: "How often the counters in the kernel are polled, 100ms to 1h.",
  },
  {
    name: "transport",
    command: "run",
    group: "How to work",
    value: "auto|perf|ring",
    default: "auto",
    meaning:
      "What carries events: a perf buffer for each CPU, or one BPF ring buffer. auto takes " +
      "the first unless the kernel refuses it.",
  },
  {
    name: "ring.pages",
    command: "run",
    group: "How to work",
    value: "N",
    otherwise: "by the number of CPUs",
    meaning:
      "Pages of perf buffer for each CPU, a power of two. A BPF ring buffer is as large as those of " +
      "all CPUs together, rounded up to a power of two.",
  },
  {
    name: "bpf.stats",
    command: "run",
    group: "How to work",
    otherwise: "off",
    meaning: "Let the kernel time each BPF program; this slows all of them a little.",
  },
  {
    name: "duration",
    command: "run",
    group: "How to work",
    value: "DURATION",
    otherwise: "until a signal",
    meaning: "Stop after this time, such as 500ms, 30s, 5m or 1h.",
  },
  {
    name: "log.level",
    command: "run",
    group: "Messages on stderr",
    value: "debug|info|warn|error",
    default: "info",
    meaning: "The least level that is shown.",
  },
  {
    name: "log.format",
    command: "run",
    group: "Messages on stderr",
    value: "text|json",
    default: "text",
    meaning: "How messages are written.",
  },
  ...EVENT_KINDS.map((event) => ({
    name: `probe.${event}` as const,
    command: "run" as const,
    group: "Debugging",
    value: "HOOK",
    words: hooksFor(event),
    otherwise: "the first that works",
    meaning: `The hook for ${event} events, and no other in its place: ${
      hooksFor(event).join(", ")
    }.`,
  })),
  {
    name: "record.max-size",
    command: "record",
    group: "Files of record",
    value: "SIZE",
    default: "100MiB",
    meaning: "How large a file may become, 1MiB to 1TiB, before a new one is begun.",
  },
  {
    name: "record.keep",
    command: "record",
    group: "Files of record",
    value: "N",
    default: "3",
    meaning: "How many full files are kept besides, as FILE.1, the latest of them, FILE.2 ...",
  },
  {
    name: "json",
    command: "check",
    group: "Report of check",
    meaning: "Write the report as one JSON object.",
  },
  { name: "help", command: "every", group: "Everywhere", short: "h", meaning: "Show this help." },
  {
    name: "version",
    command: "every",
    group: "Everywhere",
    meaning: "The same as the command version.",
  },
] as const satisfies readonly OptionSpec[];

export const COMMANDS: readonly (CommandSpec & { readonly name: CommandName })[] = COMMAND_TABLE;
export const OPTIONS: readonly (OptionSpec & { readonly name: OptionName })[] = OPTION_TABLE;

/** The options of `run`, which the environment can set as well. */
export const RUN_OPTIONS: readonly (OptionSpec & { readonly name: RunOptionName })[] = OPTION_TABLE
  .filter((option) => option.command === "run");

/** Those that a configuration file can set. */
export const FILE_OPTIONS: typeof RUN_OPTIONS = RUN_OPTIONS
  .filter((option) => option.name !== "config.file");

/** The environment variables of the agent begin with this. */
export const ENVIRONMENT_PREFIX = "EBPF_AGENT_";

/** The environment variable of an option: `web.listen-address` is `EBPF_AGENT_WEB_LISTEN_ADDRESS`. */
export function environmentName(option: string): string {
  return ENVIRONMENT_PREFIX + option.toUpperCase().replaceAll(/[.-]/g, "_");
}

/** The options that one command takes, those of every command among them. */
export function optionsOf(command: CommandName): typeof OPTIONS {
  return OPTIONS.filter((option) => isOf(option, command));
}

/** Whether a command takes an option. */
export function isOf({ command, alsoOf }: OptionSpec, asked: CommandName): boolean {
  return command === asked || command === "every" || alsoOf === asked ||
    (asked === "record" && command === "run");
}
