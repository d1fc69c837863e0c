/** docs/configuration.md, from the tables of options and of what rules can ask for. @module */
import { exampleConfig } from "../src/cli/example_config.ts";
import { environmentName, FILE_OPTIONS } from "../src/cli/options.ts";
import { LIVE_SETTINGS } from "../src/reload.ts";
import { FIELDS } from "../src/rules/fields.ts";
import { LONGEST_PATH, LONGEST_SUFFIX } from "../src/rules/path_pattern.ts";
import { MOST_RULES, SEVERITIES } from "../src/rules/rule.ts";
import { VALUE_LIMITS } from "../src/rules/together.ts";

const INTRODUCTION = `# Configuration

<!-- Generated from src/cli/options.ts and src/rules/fields.ts by scripts/gen.ts: do not edit. -->

All that the agent can be told stands in one file, in YAML: settings and rules.

- It is \`/etc/ebpf-agent/config.yaml\` where that exists, or the one that \`--config.file=PATH\` (or
  \`EBPF_AGENT_CONFIG_FILE\`) names. A file that is named has to be there.
- A flag beats the environment, and the environment beats the file. What stands in none of them has its default.
- \`ebpf-agent check --config.file=PATH\` says whether a file is right, and what is in it. It needs no privileges.
- \`install.sh\` installs one that has the service write executions and changes of user as JSON. It overwrites none that
  was changed. \`ebpf-agent print config\` shows it.

What is wrong is told all at once, each thing with its place and where there is one the nearest right word; the exit code
is 2:

    ebpf-agent: config.yaml:3:13: poll.interval: "5" has no unit; write "5s" for seconds, or ms, m or h
      config.yaml:12:5: there is no setting "comms" in a rule; did you mean "comm"?

## How values are read

Values are text, as on the command line: what they mean is not YAML's, so \`no\`, \`0755\` and \`1e3\` are what stands there.
Quotes are needed only where YAML itself needs them, as for \`"[::1]:9110"\` and \`"*.key"\`. Anchors and aliases can be
used; tags, several documents in a file, and keys that stand twice cannot. Files are UTF-8. With all
its rule files, a configuration is at most 256 KiB.
`;

const RELOAD = `## Reload

    systemctl reload ebpf-agent      # or: kill -HUP PID

reads the file and its rule files anew, and takes over the rules, ${
  LIVE_SETTINGS.map(code).join(" and ")
}: all of it, or
nothing. Where anything is wrong, or another setting differs from the running one, the agent goes on as before and says
why in its log. Several reloads in quick succession are served one after the other, and the last content stands. No event
is missed, and no counter goes back.

| metric | meaning |
|---|---|
| \`ebpf_agent_config_last_reload_successful\` | 1 after a start with a file and after each reload that was taken over, 0 after one that was not |
| \`ebpf_agent_config_last_reload_success_timestamp_seconds\` | when a configuration was last taken over |

Neither is there while no file was ever read. Worth an alert: \`ebpf_agent_config_last_reload_successful == 0\`.
`;

const RULES = `## Rules

A rule says which events matter to you. Each event that matches is counted under the rule's name, in the kernel and
before anything can be lost, and carries that name to the outputs, also where \`events\` does not ask for its kind.

    rules:
      - name: shadow-read
        on: open
        path: [/etc/shadow, /etc/gshadow]
        access: read
        outcome: success
        not: { comm: [sshd, login] }
        severity: high
        threat.technique: T1003.008

At most ${MOST_RULES} rules can be enabled. Together they can have ${VALUE_LIMITS.exact.most} exact paths, and ${VALUE_LIMITS.name.most} each of folders, endings, base
names, names of tasks and users; the same value of the same condition in several rules counts once. They stand below
\`rules\`, here or in other files:

    rule-files: [rules/*.yaml, /srv/own.yaml]

Paths are relative to the configuration; a pattern may match nothing, any other file has to be there. Such a file has
\`rules\`, and may have \`tests\`. Names are unique over all files.

| key | value | meaning |
|---|---|---|
| \`name\` | at most 64 of \`a-z 0-9 - _\` | what it is called in events and metrics |
| \`on\` | \`exec\`, \`open\`, \`clone\`, \`privilege\`, or a list | the kinds of event that it is about |
| a condition | a value, or a list | see below; one of the values has to be the event's |
| \`not\` | conditions | none of the values may be the event's |
| \`severity\` | ${SEVERITIES.map(code).join(", ")} | default \`medium\` |
| \`threat.technique\` | \`T1003\`, \`T1003.008\` | of MITRE ATT&CK |
| \`labels\` | a map | further names and values for the event |
| \`rate\` | 1 to 1000000 | at most so many events a second; all are counted, and those held back besides |
| \`emit\` | \`true\`, \`false\` | \`false\`: count only; default \`true\` |
| \`enabled\` | \`true\`, \`false\` | \`false\`: checked, and left out; default \`true\` |

All conditions of a rule have to hold. A condition that an event of its kind does not have is an error, and so is \`args\`
where \`outcome\` leaves nothing but failures.

`;

const PATHS = `
A path is written in one of four ways:

| written | matches |
|---|---|
| \`/etc/shadow\` | this file, by whatever path, link or name it is opened; at most ${LONGEST_PATH} bytes |
| \`/etc/cron.d/**\` | everything below this folder; at most ${LONGEST_PATH} bytes |
| \`*.service\` | a path with this ending; at most ${LONGEST_SUFFIX} bytes after the \`*\` |
| \`authorized_keys\` | a file of this name, wherever it is |

Paths are the resolved ones, with no symbolic link left. \`*\` and \`?\` have no meaning elsewhere in a path.
`;

/** The text of docs/configuration.md. */
export function generate(): string {
  return [
    INTRODUCTION,
    settings(),
    RELOAD,
    RULES + conditions() + PATHS,
    `## The file that is installed\n\n${indented(exampleConfig())}`,
  ].join("\n");
}

function settings(): string {
  const rows = FILE_OPTIONS.map((option) => {
    const { name, value = "true|false", words, default: usual, otherwise, meaning } = option;
    const [section, word] = name.includes(".") ? name.split(/\.(.*)/s) : ["", name];
    const place = section === "" ? code(`${word}:`) : code(`${section}: { ${word}: }`);
    const list = option.repeatable === true || value === "LIST" ? ", or a list" : "";
    const values = (words?.map(code).join(", ") ?? code(value.replaceAll("|", "\\|"))) + list;
    const reload = LIVE_SETTINGS.includes(name) ? "yes" : "";
    const standing = usual === undefined ? otherwise : code(usual);
    return `| ${place} | ${values} | ${standing} | ${reload} | ${meaning} |\n`;
  });
  return `## Settings

Every option of \`run\` is a setting: its name nested at the dot. \`--web.listen-address\` is \`listen-address\` below \`web\`,
and in the environment ${
    code(environmentName("web.listen-address"))
  }. One that a reload changes says "yes".

| setting | value | default | reload | meaning |
|---|---|---|---|---|
${rows.join("")}`;
}

function conditions(): string {
  const rows = Object.entries(FIELDS).map(([name, { on, value, meaning }]) =>
    `| ${code(name)} | ${on.map(code).join(", ")} | ${value} | ${meaning} |\n`
  );
  return `| condition | of | value | meaning |\n|---|---|---|---|\n${rows.join("")}`;
}

function indented(text: string): string {
  return text.split("\n").map((line) => line === "" ? "" : `    ${line}`).join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
