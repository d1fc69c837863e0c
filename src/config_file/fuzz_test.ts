/** Files that are nearly right: each gives a configuration, or errors with places, and nothing else. @module */
import { equal, ok } from "node:assert/strict";
import { exampleConfig } from "../cli/example_config.ts";
import { loadConfig } from "../config.ts";
import { AgentError, EXIT } from "../errors.ts";
import { MOST_RULES } from "../rules/rule.ts";
import { loadConfigFile } from "./load.ts";

const SEED = 20_251_121;
const FILES = 10_000;

const GOOD = `${exampleConfig().replaceAll(/^ *#.*\n/gm, "").replaceAll(/\n+/g, "\n")}
filter: { comm: [bash, "a b"], uid: [0, 1000] }
web: &web
  listen-address: ["127.0.0.1:9110", '[::1]:0']
rules:
  - name: shadow-read
    on: open                       # as a comment
    path: &secrets [/etc/shadow, /etc/cron.d/**, "*.key", sudo]
    access: [read, create]
    not: { comm: [sshd, login], path: "/etc/cron.d/x\\u0041" }
    outcome: success
    severity: high
    threat.technique: T1003.008
    labels: { team: platform }
    rate: 10
  - name: secrets
    on: [exec, open]
    path: *secrets
    emit: false
  - { name: users, on: privilege, uid: 0, parent.comm: cron, container: yes, enabled: true }
  - name: >-
      folded
    on: |-
      exec
    args: --no-preserve-root
    exe: /usr/bin/rm
`.replace(/^filter:\n/m, "").replace(/^web:\n/m, "");

/** Words that stand in such files, and some that break them. */
const WORDS = [
  ..."name on path exe comm not rules labels rate uid true none exec open 0 -1 1s /etc/x ~".split(
    " ",
  ),
  ..."*secrets &secrets ** [ ] { } : - ? | > ! % @ ` ' \" # --- ... << !!int".split(" "),
  "\t",
  "\n",
  "\r",
  "\0",
  "\u2028",
  "é",
  "x".repeat(300),
  "9".repeat(30),
  "[".repeat(40),
];

type Random = (below: number) => number;
type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip: (bytes, random) =>
    bytes.with(random(bytes.length), random(256)).with(random(bytes.length), random(256)),
  cut: (bytes, random) => bytes.subarray(0, random(bytes.length)),
  remove: onLines((lines, at) => lines.toSpliced(at, 1)),
  double: onLines((lines, at) => lines.toSpliced(at, 0, lines[at] ?? "")),
  swap: onLines((lines, at, random) => {
    const other = random(lines.length);
    return lines.with(at, lines[other] ?? "").with(other, lines[at] ?? "");
  }),
  indent: onLines((lines, at, random) => lines.with(at, " ".repeat(random(4)) + lines[at])),
  renameKey: onLines((lines, at, random) =>
    lines.with(at, (lines[at] ?? "").replace(/[\w.-]+(?=:)/, wordOf(random)))
  ),
  replaceValue: onLines((lines, at, random) =>
    lines.with(at, (lines[at] ?? "").replace(/(?<=: ).*/, wordOf(random)))
  ),
  insertWord: onText((text, random) => {
    const at = random(text.length + 1);
    return text.slice(0, at) + wordOf(random) + text.slice(at);
  }),
  removePart: onText((text, random) => {
    const at = random(text.length);
    return text.slice(0, at) + text.slice(at + random(40));
  }),
};

Deno.test("loadConfigFile() and loadConfig() take the file that all others are made from", () => {
  const config = load(new TextEncoder().encode(GOOD));
  equal(config.rules.length, 4);
});

Deno.test("loadConfigFile() and loadConfig() give a configuration, or errors with places", () => {
  const random = randomOf(SEED);
  const names = Object.keys(MUTATIONS);
  const outcomes = { right: 0, wrong: 0 };
  for (let index = 0; index < FILES; index++) {
    let bytes: Uint8Array = new TextEncoder().encode(GOOD);
    const applied = Array.from({ length: 1 + random(3) }, () => names[random(names.length)] ?? "");
    for (const name of applied) bytes = MUTATIONS[name]?.(bytes, random) ?? bytes;
    const what = `file ${index} (${applied.join(", ")}):\n${new TextDecoder().decode(bytes)}`;
    try {
      ok(load(bytes).rules.length <= MOST_RULES, what);
      outcomes.right++;
    } catch (error) {
      if (!(error instanceof AgentError)) throw new Error(what, { cause: error });
      equal(error.exitCode, EXIT.usage, what);
      checkPlaces(error.message, bytes, what);
      outcomes.wrong++;
    }
  }
  // Files that are all right, or all wrong, would prove little.
  ok(outcomes.right > FILES / 20 && outcomes.wrong > FILES / 2, JSON.stringify(outcomes));
});

function load(bytes: Uint8Array) {
  const files = { read: () => bytes, find: () => [] };
  return loadConfig({}, {}, { file: loadConfigFile("c.yaml", files) });
}

/** Each line of a message begins with a place that is in the file, or just behind its end. */
function checkPlaces(message: string, bytes: Uint8Array, what: string): void {
  const lines = new TextDecoder().decode(bytes).split("\n");
  for (const said of message.split("\n")) {
    const [, line = 0, column = 0] = (/^c\.yaml:(\d+):(\d+): ./.exec(said) ?? []).map(Number);
    ok(line >= 1 && column >= 1, `${said}\n${what}`);
    const length = lines[line - 1]?.length;
    ok(length === undefined ? line === lines.length + 1 : column <= length + 2, `${said}\n${what}`);
  }
}

function wordOf(random: Random): string {
  return WORDS[random(WORDS.length)] ?? "";
}

function onText(change: (text: string, random: Random) => string): Mutation {
  return (bytes, random) =>
    new TextEncoder().encode(change(new TextDecoder().decode(bytes), random));
}

function onLines(
  change: (lines: readonly string[], at: number, random: Random) => readonly string[],
): Mutation {
  return onText((text, random) => {
    const lines = text.split("\n");
    return change(lines, random(lines.length), random).join("\n");
  });
}

/** Mulberry32: the same numbers for the same seed, everywhere. */
function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) % below;
  };
}
