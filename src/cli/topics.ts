/** What help and man page say in the same words. @module */
import { type CommandName, environmentName, type OptionSpec } from "./options.ts";

/** A term and what is said of it. */
export type Row = readonly [left: string, right: string];

/** Stands for a space at which a line must not be wrapped. */
export const UNBROKEN = "\u00a0";

/** What the agent is. */
export const TITLE =
  "ebpf-agent counts every program executed, process created and file opened on this " +
  "host, exactly; shows them as they happen; and serves the counts to Prometheus.";

/** Command lines to try; each is one that the parser takes. */
export const EXAMPLES = [
  {
    of: "run",
    line: "ebpf-agent",
    meaning: "show everything; metrics on 127.0.0.1:9110",
  },
  { of: "run", line: "ebpf-agent --events=exec", meaning: "only programs that are executed" },
  {
    of: "run",
    line: "ebpf-agent --events=open --filter.comm=nginx",
    meaning: "the files that nginx opens",
  },
  {
    of: "run",
    line: "ebpf-agent --output=json --duration=1m",
    meaning: "a minute of events as JSON lines",
  },
  {
    of: "run",
    line: "ebpf-agent --output=none --events=none",
    meaning: "counters only, at the least cost",
  },
  {
    of: "run",
    line: "ebpf-agent --web.listen-address=:3000",
    meaning: "metrics for other hosts, on every interface",
  },
  { of: "check", line: "ebpf-agent check", meaning: "can it run here, and if not, why" },
  { of: "check", line: "ebpf-agent check --json", meaning: "the same for a program" },
  {
    of: "check",
    line: "ebpf-agent check --config.file=config.yaml",
    meaning: "is this file right, and what is in it",
  },
  {
    of: "record",
    line: "ebpf-agent record agent.rec --duration=1h",
    meaning: "an hour of events, to try rules on",
  },
  {
    of: "test",
    line: "ebpf-agent test rules/*.yaml",
    meaning: "do the rules match what their tests say",
  },
  {
    of: "test",
    line: "ebpf-agent test my.yaml --events=agent.rec",
    meaning: "what would these rules have matched in that hour",
  },
  { of: "print", line: "ebpf-agent print unit", meaning: "the service, as install.sh installs it" },
  {
    of: "print",
    line: "ebpf-agent print rules/execution.yaml",
    meaning: "rules, as they are installed",
  },
  { of: "version", line: "ebpf-agent version", meaning: "what to say in a bug report" },
] as const satisfies readonly {
  readonly of: CommandName;
  readonly line: string;
  readonly meaning: string;
}[];

/** Environment variables, by example. */
export const ENVIRONMENT: readonly Row[] = [
  [
    `${environmentName("poll.interval")}=5s`,
    "Every option of run has a variable: its name in capitals, with _ for . and -. A flag beats it, and " +
    "it beats the configuration file.",
  ],
  [
    `${environmentName("filter.comm")}=bash,sh`,
    "Options that may be repeated take their values between commas.",
  ],
];

/** Exit codes by the command that they are of. */
export const EXIT_CODES = {
  run: [
    ["0", "done: stopped by a signal, by --duration, or because nobody reads stdout any more"],
    ["1", "failed: a port in use, a damaged object"],
    ["2", "wrong usage or configuration: the flag, the variable or the place in the file is named"],
    ["3", "this kernel or these privileges do not allow it: ebpf-agent check says what is missing"],
  ],
  check: [
    ["0", "the agent can run here; with --config.file: the file is right"],
    ["1", "it can run here, but something is not as it should be"],
    ["2", "wrong usage or configuration"],
    ["3", "it cannot run here"],
  ],
  test: [
    ["0", "all is as expected, or nothing says what to expect"],
    ["1", "events matched otherwise than expected"],
    [
      "2",
      "wrong usage; a file that is wrong, damaged or without events: it is named, with the place",
    ],
  ],
} as const satisfies Partial<Record<CommandName, readonly Row[]>>;

/** How an option is written: `-h, --help`, `--output=text|json|none`. */
export function optionForm({ name, short, value }: OptionSpec): string {
  const long = value === undefined ? `--${name}` : `--${name}=${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

/** What an option means, with its default. */
export function optionMeaning({ meaning, repeatable, ...option }: OptionSpec): string {
  const usual = option.default ?? option.otherwise;
  const notes = [
    ...(repeatable === undefined ? [] : ["(repeatable)"]),
    ...(usual === undefined ? [] : [`[default: ${usual}]`]),
  ];
  return [meaning, ...notes.map((note) => note.replaceAll(" ", UNBROKEN))].join(" ");
}

/** What a setting does, and where it has no default value what happens without one. */
export function settingMeaning({ meaning, otherwise }: OptionSpec): string {
  return otherwise === undefined ? meaning : `${meaning} (Default: ${otherwise}.)`;
}
