import { deepEqual } from "node:assert/strict";
import { Problems } from "../documents/problems.ts";
import { parseYaml } from "../documents/yaml.ts";
import { EVENT_KINDS } from "../events/kinds.ts";
import { FIELDS } from "./fields.ts";
import { parseRules } from "./parse_rule.ts";
import type { Condition, Field, Rule } from "./rule.ts";

function parse(text: string) {
  const problems = new Problems();
  const tree = parseYaml(text, "f", problems);
  const rules = tree === undefined ? [] : parseRules(tree, problems);
  return { rules: rules.map(({ tree: _, ...rest }) => rest), lines: problems.lines() };
}

const MINIMAL: Rule = {
  name: "r",
  on: ["exec"],
  conditions: [],
  severity: "medium",
  labels: {},
  technique: undefined,
  rate: undefined,
  emit: true,
};

Deno.test("parseRules() reads all that a rule can have", () => {
  const { rules, lines } = parse(`
- name: shadow-read
  on: [open, exec]
  path: [/etc/shadow, /etc/cron.d/**, "*.key", sudo]
  not: { comm: [sshd, login], path: /etc/cron.d/x }
  outcome: success
  severity: high
  threat.technique: T1003.008
  labels: { team: platform, a.b-c_1: x }
  rate: 10
  emit: false
- {name: r, on: exec, enabled: false}
`);
  deepEqual(lines, []);
  deepEqual(rules, [
    {
      rule: {
        name: "shadow-read",
        on: ["exec", "open"],
        conditions: [
          {
            field: "path",
            negated: false,
            values: [
              { match: "exact", text: "/etc/shadow" },
              { match: "prefix", text: "/etc/cron.d/" },
              { match: "suffix", text: ".key" },
              { match: "name", text: "sudo" },
            ],
          },
          { field: "outcome", negated: false, values: ["success"] },
          { field: "path", negated: true, values: [{ match: "exact", text: "/etc/cron.d/x" }] },
          { field: "comm", negated: true, values: ["sshd", "login"] },
        ],
        severity: "high",
        labels: { team: "platform", "a.b-c_1": "x" },
        technique: "T1003.008",
        rate: 10,
        emit: false,
      },
      enabled: true,
      place: { file: "f", line: 2, column: 9 },
    },
    { rule: MINIMAL, enabled: false, place: { file: "f", line: 12, column: 10 } },
  ]);
});

/** A value of each field, as a user writes it and as it is taken. */
const VALUES: Readonly<Record<Field, readonly [string, Condition["values"]]>> = {
  path: ["/a", [{ match: "exact", text: "/a" }]],
  exe: ["[b, '*c']", [{ match: "name", text: "b" }, { match: "suffix", text: "c" }]],
  comm: ["0x10", ["0x10"]],
  "parent.comm": ["[bash, 'a b']", ["bash", "a b"]],
  uid: ["[0, 1000]", [0, 1000]],
  access: ["[read, create]", ["read", "create"]],
  outcome: ["failure", ["failure"]],
  args: ["--no-preserve-root", ["--no-preserve-root"]],
  container: ["yes", [true]],
};

Deno.test("parseRules() reads each condition, and its negation", () => {
  for (const [field, [text, values]] of Object.entries(VALUES)) {
    const on = FIELDS[field as Field].on;
    for (const negated of [false, true]) {
      const condition = negated ? `not: {${field}: ${text}}` : `${field}: ${text}`;
      const { rules, lines } = parse(`- name: r\n  on: [${on}]\n  ${condition}\n`);
      deepEqual(lines, [], condition);
      deepEqual(rules[0]?.rule, { ...MINIMAL, on, conditions: [{ field, negated, values }] });
    }
  }
});

Deno.test("parseRules() knows which kinds of event have a condition", () => {
  for (const [field, [text]] of Object.entries(VALUES)) {
    const { on } = FIELDS[field as Field];
    for (const kind of EVENT_KINDS) {
      const { lines } = parse(`- name: r\n  on: ${kind}\n  not:\n    ${field}: ${text}\n`);
      const sentence = `f:4:5: events of the kind ${kind} have no "${field}"; ` +
        `${on.join(" and ")} have`;
      deepEqual(lines, on.includes(kind) ? [] : [sentence], `${field} of ${kind}`);
    }
  }
});

Deno.test("parseRules() refuses arguments of executions that failed alone", () => {
  const sentence =
    'an execution that failed has no "args", and this rule is about no other; take ' +
    '"args" or "outcome" away';
  const cases = [
    ["args: x, outcome: failure", true],
    ["args: x, outcome: [failure]", true],
    ["args: x, not: { outcome: success }", true],
    ["args: x, outcome: [failure, success]", false],
    ["args: x, outcome: success", false],
    ["args: x, not: { outcome: failure }", false],
    ["outcome: failure, not: { args: x }", false],
  ] as const;
  for (const [conditions, refused] of cases) {
    const { lines } = parse(`- { name: r, on: exec, ${conditions} }`);
    deepEqual(lines, refused ? [`f:1:24: ${sentence}`] : [], conditions);
  }
});

Deno.test("parseRules() takes rules that are not there for none", () => {
  for (const text of ["[]", "''"]) deepEqual(parse(text), { rules: [], lines: [] });
});

Deno.test("parseRules() tells of all that is wrong, and keeps what is right", () => {
  const { rules, lines } = parse(`
- name: Bad Name
  on: [open, clone, foo]
  path: [a*b, {a: b}, /x]
  comms: x
  not: { comm: aaaaaaaaaaaaaaaaaaaaaa, pathh: 3, args: [], severity: low }
  labels: { "0": [a], k: "" }
  severity: hihg
  rate: 0
  container: ja
  technique: T3
  threat.technique: t1003
- {name: r, on: exec}
- foo
- {}
- name: x
  on: []
  not: 3
  emit:
  labels: x
  uid: root
  enabled: yes
  args: ${"é".repeat(513)}
`);
  deepEqual(rules.map(({ rule }) => rule), [MINIMAL]);
  const map = "takes a map, with a line for each of its keys";
  const empty = "the value is empty; give one, or leave it out";
  deepEqual(lines, [
    'f:2:9: name: "Bad Name" is no name; write at most 64 lower-case letters, digits, "-" and "_"',
    'f:3:21: on: "foo" is none of exec, clone, open or privilege',
    'f:4:3: events of the kind clone have no "path"; exec and open have',
    'f:4:10: path: "a*b" is no path that a rule can have; write /a/file, /folder/** for all ' +
    "below it, *ending, or a name without a slash",
    "f:4:15: path: takes one value, and no list or map",
    'f:5:3: there is no setting "comms" in a rule; did you mean "comm"?',
    'f:6:16: not.comm: "aaaaaaaaaaaaaaaaaaaaaa" is 22 bytes long; the kernel keeps 15 of a ' +
    "task's name, write what /proc/PID/comm shows",
    'f:6:40: there is no setting "pathh" in a rule; did you mean "path"?',
    'f:6:50: events of the kind clone have no "args"; exec have',
    "f:6:56: not.args: the list is empty; give a value, or leave it out",
    'f:6:60: there is no setting "severity" in a rule',
    'f:7:13: "0" is no label; write a letter, then at most 63 letters, digits, "_", "-" and "."',
    "f:7:18: labels.0: takes one value, and no list or map",
    `f:7:26: labels.k: ${empty}`,
    'f:8:13: severity: "hihg" is none of info, low, medium, high or critical; did you mean "high"?',
    'f:9:9: rate: "0" is not a rate; write a whole number 1 to 1000000',
    'f:10:14: container: "ja" is none of yes or no',
    'f:11:3: there is no setting "technique" in a rule; did you mean "threat.technique"?',
    'f:12:21: threat.technique: "t1003" is no technique of ATT&CK; write it as T1003 or T1003.008',
    'f:14:3: a rule is a map that begins with "name:", not a value',
    'f:15:3: the rule has no "name"',
    'f:15:3: the rule has no "on"',
    "f:17:7: on: the list is empty; give a value, or leave it out",
    `f:18:8: not: ${map}`,
    `f:19:8: emit: ${empty}`,
    `f:20:11: labels: ${map}`,
    'f:21:8: uid: "root" is not a user id; write a whole number 0 to 4294967294',
    'f:22:12: enabled: "yes" is none of true or false',
    `f:23:9: args: "${"é".repeat(80)}..." is 1026 bytes long, and can be 1024`,
  ]);
});
