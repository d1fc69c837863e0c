/** The man page, ebpf-agent(8), made from the table of options. @module */
import { COMMANDS, DEFAULT_CONFIG_FILE, OPTIONS } from "./options.ts";
import {
  ENVIRONMENT,
  EXAMPLES,
  EXIT_CODES,
  optionForm,
  optionMeaning,
  type Row,
  TITLE,
  UNBROKEN,
} from "./topics.ts";

/** The page in the macros of man(7). It names no date, for the same commit gives the same bytes. */
export function manPage(version: string): string {
  return `${
    [
      `.TH EBPF\\-AGENT 8 "" "ebpf\\-agent ${roff(version)}" "System Administration"`,
      // As help does: no word is hyphenated, and no line is stretched.
      ".nh",
      ".ad l",
      ".SH NAME",
      "ebpf\\-agent \\- count and show executions, new processes, opens and privilege changes",
      ".SH SYNOPSIS",
      ...synopsis(),
      ".SH DESCRIPTION",
      ...paragraphs(DESCRIPTION),
      ".SH COMMANDS",
      ...terms(COMMANDS.map(({ name, meaning }) => [name, `${meaning}.`])),
      ".SH OPTIONS",
      ...optionGroups(),
      ".SH ENVIRONMENT",
      ...terms(ENVIRONMENT),
      ".SH EXIT STATUS",
      ...exitCodes(EXIT_CODES.run),
      ".SS Of check",
      ...exitCodes(EXIT_CODES.check),
      ".SS Of test",
      ...exitCodes(EXIT_CODES.test),
      ".SH SIGNALS",
      ...terms(SIGNALS),
      ".SH FILES",
      ...terms(FILES),
      ".SH EXAMPLES",
      ...terms(EXAMPLES.map(({ line, meaning }) => [line, `${meaning}.`])),
      ".SH SEE ALSO",
      ".BR bpf (2),",
      ".BR journalctl (1),",
      ".BR systemctl (1)",
    ].join("\n")
  }\n`;
}

const DESCRIPTION = [
  TITLE,
  "Events go to stdout and messages to stderr. Counters are kept in the kernel and stay exact while " +
  "events are lost. When it ends it prints its ledger: what was seen, filtered (not asked for), " +
  "lost (a ring was full), missed (the kernel did not run the probe) and dropped (stdout did not " +
  "take it).",
  "It needs Linux 5.10 or later with type information (BTF), libbpf 1, and root or the capabilities " +
  "CAP_BPF and CAP_PERFMON.",
];

const SIGNALS: readonly Row[] = [
  ["SIGINT, SIGTERM", "Detach, drain, flush for at most two seconds, print the ledger and end."],
  [
    "SIGHUP",
    "Read the configuration file anew, and take over its rules, log.level and poll.interval: all of " +
    "it or, where anything in it is wrong or is another setting's change, nothing.",
  ],
];

const FILES: readonly Row[] = [
  [DEFAULT_CONFIG_FILE, 'Settings and rules, as YAML; "ebpf-agent print config" shows one.'],
  ["/etc/ebpf-agent/rules/*.yaml", "Rules that come with the agent, and yours."],
  ["/etc/ebpf-agent/environment", "Settings of the service that beat those, as variables."],
  ["/etc/systemd/system/ebpf-agent.service", "The service. Change it by systemctl edit."],
];

function synopsis(): readonly string[] {
  return COMMANDS.flatMap(({ name, usage }, index) => [
    ...(index === 0 ? [] : [".br"]),
    `.B ebpf\\-agent ${name === "run" ? "[run]" : name}`,
    ...(usage === "" ? [] : [roff(usage)]),
  ]);
}

function optionGroups(): readonly string[] {
  return [...new Set(OPTIONS.map(({ group }) => group))].flatMap((group) => [
    `.SS ${roff(group)}`,
    ...terms(
      OPTIONS.filter((option) => option.group === group)
        .map((option) => [optionForm(option), optionMeaning(option)]),
    ),
  ]);
}

function exitCodes(rows: readonly Row[]): readonly string[] {
  return terms(rows.map(([code, meaning]) => [code, `${meaning}.`]));
}

function terms(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(([term, meaning]) => [".TP", `.B ${roff(term)}`, ...sentences(meaning)]);
}

function paragraphs(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text, index) => [...(index === 0 ? [] : [".PP"]), ...sentences(text)]);
}

/** A sentence a line, as roff wants it: it knows the end of one by the end of the line. */
function sentences(text: string): readonly string[] {
  return text.split(/(?<=\.) (?=\S)/).map(roff);
}

/** Text as roff prints it: `-` stays a minus that can be pasted, and nothing is a command. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq")
    .replaceAll("'", "\\(aq")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll(UNBROKEN, " ")
    .replace(/^\./, "\\&.");
}
