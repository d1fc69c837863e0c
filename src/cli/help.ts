/** The help of the agent and of each command, made from the table of options. @module */
import {
  type CommandName,
  COMMANDS,
  environmentName,
  OPTIONS,
  optionsOf,
  type OptionSpec,
} from "./options.ts";

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
    sections.push(["Environment:", columns(ENVIRONMENT)], ["Exit codes:", columns(EXIT_CODES)]);
  }
  return `${sections.map((section) => section.join("\n")).join("\n\n")}\n`;
}

/** A heading and what stands under it. */
type Section = readonly string[];
type Row = readonly [left: string, right: string];

const WIDTH = 100;
const GAP = 3;
/** Stands for a space at which a line must not be wrapped. */
const UNBROKEN = "\u00a0";

const TITLE = "ebpf-agent counts every program executed, process created and file opened on this " +
  "host, exactly; shows them as they happen; and serves the counts to Prometheus.";

const EXAMPLES = [
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
  { of: "version", line: "ebpf-agent version", meaning: "what to say in a bug report" },
] as const satisfies readonly {
  readonly of: CommandName;
  readonly line: string;
  readonly meaning: string;
}[];

const ENVIRONMENT: readonly Row[] = [
  [
    `${environmentName("poll.interval")}=5s`,
    "Every option of run has a variable: its name in capitals, with _ for . and -. A flag beats it.",
  ],
  [
    `${environmentName("filter.comm")}=bash,sh`,
    "Options that may be repeated take their values between commas.",
  ],
];

const EXIT_CODES: readonly Row[] = [
  ["0", "done: stopped by a signal, by --duration, or because nobody reads stdout any more"],
  ["1", "failed: a port in use, a damaged object"],
  ["2", "wrong usage or configuration: the flag or variable is named"],
  ["3", "this kernel or these privileges do not allow it: ebpf-agent check says what is missing"],
];

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

function optionForm({ name, short, value }: OptionSpec): string {
  const long = value === undefined ? `--${name}` : `--${name}=${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

function optionMeaning({ meaning, repeatable, ...option }: OptionSpec): string {
  const usual = option.default ?? option.otherwise;
  const notes = [
    ...(repeatable === undefined ? [] : ["(repeatable)"]),
    ...(usual === undefined ? [] : [`[default: ${usual}]`]),
  ];
  return [meaning, ...notes.map((note) => note.replaceAll(" ", UNBROKEN))].join(" ");
}

/** Two columns, the right one wrapped; `left` is the width of the left one. */
function columns(
  rows: readonly Row[],
  left: number = Math.max(...rows.map(([text]) => text.length)),
): string {
  const indent = " ".repeat(2 + left + GAP);
  return rows.map(([name, meaning]) =>
    `  ${name.padEnd(left + GAP)}${wrap(meaning, WIDTH - indent.length).join(`\n${indent}`)}`
  ).join("\n");
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((text) => text.replaceAll(UNBROKEN, " "));
}
