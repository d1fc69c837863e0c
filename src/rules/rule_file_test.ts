import assert from "node:assert/strict";
import { Problems } from "../documents/problems.ts";
import { reportCases, reportText } from "./report.ts";
import { parseEventFile, parseRuleFiles, refuseUnknownRules } from "./rule_file.ts";

function read(...texts: readonly string[]) {
  const problems = new Problems();
  const bytes = texts.map((text, index) => ({
    name: `${index}.yaml`,
    bytes: new TextEncoder().encode(text),
  }));
  return { files: parseRuleFiles(bytes, problems), problems };
}

function events(text: string) {
  const problems = new Problems();
  const bytes = new TextEncoder().encode(text);
  return { cases: parseEventFile({ name: "events.yaml", bytes }, problems), problems };
}

const RULES = `
rules:
  - name: shadow
    on: open
    path: [/etc/shadow, "*.key", /home/**, id_rsa]
    uid: [0, 5]
    not: { comm: sshd, container: yes }
  - name: off
    on: exec
    enabled: false
`;

Deno.test("parseRuleFiles() reads rules, those that are off too, and their tests", () => {
  const { files: [file], problems } = read(`${RULES}
tests:
  - event: { on: open, path: /etc/shadow, uid: 5 }
    matches: shadow
    name: one
    because: two
  - event: { on: exec, path: /bin/a, outcome: failure }
    matches: []
  - event: { on: exec, path: /bin/a, args: [a, ""], parent.comm: b, container: yes }
`);
  assert.deepEqual(problems.lines(), []);
  assert.deepEqual(file.rules.map(({ name }) => name), ["shadow", "off"]);
  const [first, second, third] = file.cases;
  assert.equal(first.text, "one: two");
  assert.deepEqual(first.expected?.map(({ name }) => name), ["shadow"]);
  assert.deepEqual({ ...first.event }, {
    on: "open",
    outcome: "success",
    path: "/etc/shadow",
    requested: undefined,
    exe: undefined,
    comm: undefined,
    parentComm: undefined,
    uid: 5,
    access: ["read"],
    args: [],
    container: false,
    untold: new Set(),
  });
  const { path, requested, access } = second.event;
  assert.deepEqual([path, requested, access], [undefined, "/bin/a", []]);
  const { args, parentComm, container } = third.event;
  assert.deepEqual([args, parentComm, container], [["a", ""], "b", true]);
  assert.equal(third.expected, undefined);
});

Deno.test("parseRuleFiles() says what is wrong, and where", () => {
  const cases: readonly (readonly [test: string, line: string])[] = [
    ["tests: 3", "0.yaml:11:8: tests are a list, and this is a value"],
    ["tests: [3]", "0.yaml:11:9: a test is a map, and this is a value"],
    [
      "tests: [{ evnt: 3, event: { on: clone } }]",
      '0.yaml:11:11: a test has no "evnt"; did you mean "event"?',
    ],
    [
      "tests: [{ matches: [] }]",
      "0.yaml:11:9: this test has no event; write event: { on: open, path: /a/file }",
    ],
    [
      "tests: [{ event: { path: /a } }]",
      "0.yaml:11:18: this event has no kind; write on: exec, on: clone, on: open, on: privilege",
    ],
    [
      "tests: [{ event: { on: opn } }]",
      '0.yaml:11:24: "on": "opn" is none of exec, clone, open or privilege; did you mean "open"?',
    ],
    [
      "tests: [{ event: { on: clone, access: read } }]",
      '0.yaml:11:31: an event of the kind clone has no "access"',
    ],
    [
      "tests: [{ event: { on: exec, outcome: failure, args: [a] } }]",
      '0.yaml:11:48: an execution that failed has no "args"',
    ],
    [
      "tests: [{ event: { on: open, path: [/a, /b] } }]",
      '0.yaml:11:36: an event has one "path", and this is a list',
    ],
    [
      'tests: [{ event: { on: open, path: "/a/**" } }]',
      '0.yaml:11:36: "path": "/a/**" is a pattern; the path of an event is one path',
    ],
    [
      "tests: [{ event: { on: open, uid: -1 } }]",
      '0.yaml:11:35: "uid": "-1" is not a user id; write a whole number 0 to 4294967294',
    ],
    [
      "tests: [{ event: { on: clone }, matches: shadw }]",
      '0.yaml:11:42: there is no rule "shadw" here; did you mean "shadow"?',
    ],
    ["test: []", '0.yaml:11:1: there is no "test" in this file; did you mean "tests"?'],
  ];
  for (const [test, line] of cases) {
    assert.deepEqual(read(`${RULES}${test}`).problems.lines(), [line], test);
  }
});

Deno.test("parseRuleFiles() has each name once in all files, and each file its own tests", () => {
  const { problems } = read(RULES, RULES, "tests: [{ event: { on: clone }, matches: shadow }]");
  assert.deepEqual(problems.lines(), [
    '1.yaml:3:11: name: "shadow" is the name of another rule, at 0.yaml:3:11',
    '1.yaml:8:11: name: "off" is the name of another rule, at 0.yaml:8:11',
    '2.yaml:1:42: there is no rule "shadow" here',
  ]);
});

Deno.test("parseEventFile() reads a list, alone or under tests", () => {
  for (const text of ["- event: { on: clone }", "tests:\n- event: { on: clone }"]) {
    const { cases, problems } = events(text);
    assert.deepEqual([cases.length, problems.lines()], [1, []]);
  }
  const { cases, problems } = events("- event: { on: clone }\n  matches: [none]");
  refuseUnknownRules(cases, [], problems);
  assert.deepEqual(problems.lines(), ['events.yaml:2:13: there is no rule "none" here']);
});

Deno.test("reportCases() shows event, expectation and the conditions that decide", () => {
  const { files: [{ rules, cases }] } = read(`${RULES}
tests:
  - event: { on: open, path: "/home/ada/a", uid: 7, comm: sshd, exe: /usr/sbin/sshd }
    matches: shadow
    because: that is how
  - event: { on: open, path: /etc/shadow, uid: 0, access: [read, write], outcome: failure }
    matches: off
  - event: { on: open, path: /etc/shadow, uid: 0 }
    matches: shadow
  - event: { on: clone, comm: a }
`);
  const report = reportCases(cases, rules);
  const NAMES = "/etc/shadow, *.key, /home/** or id_rsa";
  assert.deepEqual(reportText([report], rules.length).split("\n"), [
    "0.yaml:13:5: that is how",
    "  event     open /home/ada/a by sshd; exe /usr/sbin/sshd; uid 7; access read; container no",
    "  expected  shadow",
    "  found     nothing",
    "  shadow does not match:",
    "    uid: it is 7, the rule names 0 or 5",
    "    not comm: it is sshd, the rule names sshd",
    "",
    "0.yaml:16:5",
    "  event     failed open /etc/shadow; uid 0; access read, write; container no",
    "  expected  off",
    "  found     shadow",
    "  off does not match:",
    "    on: it is open, the rule is about exec",
    "  shadow matches:",
    `    path: it is /etc/shadow, the rule names ${NAMES}`,
    "    uid: it is 0, the rule names 0 or 5",
    "    not comm: there is none, the rule names sshd",
    "    not container: it is no, the rule names yes",
    "",
    "0.yaml:20:5: clone by a; container no matches nothing",
    "2 rules, 3 events compared: 2 not as expected",
    "",
  ]);
  assert.deepEqual([report.compared, report.differing], [3, 2]);
});

Deno.test("reportText() says plainly that there was nothing to compare", () => {
  const reports = (text: string) => {
    const { files: [{ rules, cases }], problems } = read(`${RULES}${text}`);
    assert.deepEqual(problems.lines(), []);
    return reportText([reportCases(cases, rules)], rules.length);
  };
  assert.equal(reports(""), "2 rules, no events: nothing to compare\n");
  assert.equal(
    reports("tests: [{ event: { on: clone, comm: a } }]"),
    "0.yaml:11:9: clone by a; container no matches nothing\n" +
      "2 rules, 1 event, and nothing says what is to match: nothing to compare\n",
  );
});
