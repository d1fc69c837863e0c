/** The configuration that is installed with the service: what it sets, and all that can be set. @module */
import { DEFAULT_CONFIG_FILE, FILE_OPTIONS } from "./options.ts";
import { SERVICE_DEFAULTS } from "./service_defaults.ts";
import { settingMeaning } from "./topics.ts";
import { wrap } from "./wrap.ts";

/** A file in YAML. What is commented out in it is the default, or shows how it is written. */
export function exampleConfig(): string {
  const sections = Object.groupBy(FILE_OPTIONS, ({ name }) => name.split(".")[0] ?? name);
  const blocks = Object.entries(sections).map(([section, options = []]) =>
    options.map(({ name }) => name).includes(section as FileOption["name"])
      ? options.map((option) => setting(option, option.name, "")).join("\n")
      : [
        `${section}:`,
        ...options.map((option) => setting(option, option.name.slice(section.length + 1), "  ")),
      ].join("\n")
  );
  return `${[HEAD, ...blocks, RULES].join("\n\n")}\n`;
}

type FileOption = (typeof FILE_OPTIONS)[number];

const HEAD =
  `# Settings and rules of the service ebpf-agent. To change a setting, take away the "#" in front of
# its name; then
#   ebpf-agent check --config.file=${DEFAULT_CONFIG_FILE}
#   systemctl reload ebpf-agent     for rules, log.level and poll.interval
#   systemctl restart ebpf-agent    for all others
# What stands in ${
    DEFAULT_CONFIG_FILE.replace(/[^/]*$/, "environment")
  } beats what stands here. See also: man ebpf-agent`;

const RULES =
  `# Rules say which events matter to you. Each is counted exactly, by name, in the kernel; the events
# that match carry its name. Files are relative to this one.
rule-files: [rules/*.yaml]

# More rules. An upgrade replaces those that are installed in rules/, unless they were changed.
#rules:
#  - name: shadow-read
#    on: open                              # exec, open, clone, privilege, or a list of them
#    path: [/etc/shadow, /etc/gshadow]     # also: /folder/** (all below), *ending, name
#    access: read                          # read, write, create
#    outcome: success                      # success, failure
#    not: { comm: [sshd, login] }          # also: exe, uid, parent.comm, args, container
#    severity: high                        # info, low, medium, high, critical
#    threat.technique: T1003.008
#    labels: { team: platform }
#    rate: 10                              # at most so many events a second; all are counted
#    emit: true                            # false: count only`;

function setting(option: FileOption, key: string, indent: string): string {
  const comment = wrap(settingMeaning(option), 98 - indent.length).map((line) =>
    `${indent}# ${line}`
  );
  const service = SERVICE_DEFAULTS[option.name];
  const mark = service === undefined ? "#" : "";
  return [...comment, `${indent}${mark}${key}: ${valueOf(option, service)}`].join("\n");
}

function valueOf({ value, default: usual, repeatable }: FileOption, service?: string): string {
  const text = service ?? usual ?? value ?? "true";
  return value === "LIST" || repeatable === true ? `[${text.replaceAll(",", ", ")}]` : text;
}
