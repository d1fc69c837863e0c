import assert from "node:assert/strict";
import type { EventFacts } from "./facts.ts";
import { judge, matches } from "./matcher.ts";
import type { Condition, PathPattern, Rule } from "./rule.ts";

const OPEN: EventFacts = {
  on: "open",
  outcome: "success",
  path: "/etc/shadow",
  requested: "shadow",
  exe: "/usr/bin/cat",
  comm: "cat",
  parentComm: "bash",
  uid: 0,
  access: ["read"],
  args: [],
  container: false,
  untold: new Set(),
};
const EXEC: EventFacts = {
  on: "exec",
  outcome: "success",
  path: "/usr/bin/dash",
  requested: "/usr/local/bin/deploy",
  exe: "/usr/bin/bash",
  comm: "deploy",
  parentComm: "sshd",
  uid: 1000,
  access: [],
  args: ["deploy", "--token=abc", ""],
  container: false,
  untold: new Set(),
};
const FAILED_OPEN: EventFacts = { ...OPEN, outcome: "failure", path: undefined };
const FAILED_EXEC: EventFacts = { ...EXEC, outcome: "failure", path: undefined, args: [] };
const MEMFD: EventFacts = { ...EXEC, path: "memfd:a/b", requested: "/proc/self/fd/3" };
const CUT: EventFacts = { ...OPEN, path: ".../etc/shadow" };

/** A pattern as a rule file writes it. */
function pattern(text: string): PathPattern {
  if (text.endsWith("/**")) return { match: "prefix", text: text.slice(0, -2) };
  if (text.startsWith("*")) return { match: "suffix", text: text.slice(1) };
  return { match: text.startsWith("/") ? "exact" : "name", text };
}

function rule(...conditions: readonly Condition[]): Rule {
  return {
    name: "rule",
    on: ["open", "exec"],
    conditions,
    severity: "medium",
    labels: {},
    technique: undefined,
    rate: undefined,
    emit: true,
  };
}

const path = (...texts: readonly string[]): Condition => ({
  field: "path",
  negated: false,
  values: texts.map(pattern),
});
const exe = (...texts: readonly string[]): Condition => ({
  field: "exe",
  negated: false,
  values: texts.map(pattern),
});
const comm = (...values: readonly string[]): Condition => ({
  field: "comm",
  negated: false,
  values,
});
const not = (condition: Condition): Condition => ({ ...condition, negated: true });

const CASES: readonly (readonly [
  what: string,
  event: EventFacts,
  condition: Condition,
  holds: boolean,
])[] = [
  ["the file opened", OPEN, path("/etc/shadow"), true],
  ["any of several paths", OPEN, path("/etc/gshadow", "/etc/shadow"), true],
  ["none of several paths", OPEN, path("/etc/gshadow", "/etc/shadow-"), false],
  ["a directory above", OPEN, path("/etc/**"), true],
  ["a directory of which the name is a beginning", OPEN, path("/et/**"), false],
  ["a directory itself is not below itself", { ...OPEN, path: "/etc" }, path("/etc/**"), false],
  ["everything", OPEN, path("/**"), true],
  ["an end", OPEN, path("*dow"), true],
  ["an end that is the whole path", OPEN, path("*/etc/shadow"), true],
  ["another end", OPEN, path("*.conf"), false],
  ["a base name", OPEN, path("shadow"), true],
  ["an end of a base name is no base name", OPEN, path("hadow"), false],
  ["a directory's name is no base name", OPEN, path("etc"), false],
  [
    "the name asked for of an open",
    { ...OPEN, requested: "/tmp/link" },
    path("link", "/tmp/link"),
    false,
  ],
  ["a failed open, relative, by exact path", FAILED_OPEN, path("/etc/shadow"), false],
  ["a failed open, relative, by its end", FAILED_OPEN, path("*shadow"), false],
  ["a failed open, relative, by base name", FAILED_OPEN, path("shadow"), true],
  [
    "a failed open, absolute",
    { ...FAILED_OPEN, requested: "/etc/shadow" },
    path("/etc/shadow"),
    true,
  ],
  [
    "a failed open, as text",
    { ...FAILED_OPEN, requested: "/etc/../etc/x" },
    path("/etc/x"),
    false,
  ],
  ["a failed open without a path", { ...FAILED_OPEN, requested: undefined }, path("shadow"), false],
  ["the program", EXEC, path("/usr/bin/dash"), true],
  ["the path asked for", EXEC, path("/usr/local/bin/deploy"), false],
  ["the directory asked for", EXEC, path("/usr/local/**"), false],
  ["the base name of the program", EXEC, path("dash"), true],
  ["the base name asked for", EXEC, path("deploy"), true],
  ["the base name of neither", EXEC, path("bash"), false],
  ["a failed exec, by path", FAILED_EXEC, path("/usr/local/bin/deploy"), true],
  ["a failed exec, by base name", FAILED_EXEC, path("deploy"), true],
  ["a program in memory, by name", MEMFD, path("memfd:a/b"), true],
  ["a program in memory, by part of its name", MEMFD, path("b"), false],
  ["a program in memory has no end", MEMFD, path("*b"), false],
  ["a program in memory, by the descriptor asked for", MEMFD, path("3"), true],
  ["a cut path, by its end", CUT, path("*/etc/shadow"), true],
  ["a cut path, by its base name", CUT, path("shadow"), true],
  ["a cut path, by its whole", CUT, path("/etc/shadow", "/**"), false],
  ["the acting program", OPEN, exe("/usr/bin/cat"), true],
  ["the acting program by name", OPEN, exe("cat"), true],
  ["the acting program below", OPEN, exe("/usr/**"), true],
  ["the acting program of an exec is the new one", EXEC, exe("/usr/bin/dash"), true],
  ["the acting program of an exec is not the old one", EXEC, exe("/usr/bin/bash"), false],
  ["the program asked for does not act", EXEC, exe("deploy"), false],
  ["the acting program of a failed exec is the old one", FAILED_EXEC, exe("/usr/bin/bash"), true],
  ["the acting program where none is known", { ...OPEN, exe: undefined }, exe("cat"), false],
  ["comm", OPEN, comm("dog", "cat"), true],
  ["another comm", OPEN, comm("ca", "cat2"), false],
  ["parent.comm", OPEN, { field: "parent.comm", negated: false, values: ["bash"] }, true],
  [
    "parent.comm is not comm",
    OPEN,
    { field: "parent.comm", negated: false, values: ["cat"] },
    false,
  ],
  ["uid", OPEN, { field: "uid", negated: false, values: [1, 0] }, true],
  ["another uid", OPEN, { field: "uid", negated: false, values: [1000] }, false],
  ["access", OPEN, { field: "access", negated: false, values: ["read"] }, true],
  ["another access", OPEN, { field: "access", negated: false, values: ["write", "create"] }, false],
  [
    "one of several accesses",
    { ...OPEN, access: ["read", "write"] },
    { field: "access", negated: false, values: ["write"] },
    true,
  ],
  ["neither read nor write", { ...OPEN, access: [] }, {
    field: "access",
    negated: false,
    values: ["read", "write"],
  }, false],
  ["success", OPEN, { field: "outcome", negated: false, values: ["success"] }, true],
  ["failure", OPEN, { field: "outcome", negated: false, values: ["failure"] }, false],
  ["an argument's part", EXEC, { field: "args", negated: false, values: ["--token"] }, true],
  ["an argument's end", EXEC, { field: "args", negated: false, values: ["=abc"] }, true],
  ["not across arguments", EXEC, { field: "args", negated: false, values: ["deploy --t"] }, false],
  ["not in a container", EXEC, { field: "container", negated: false, values: [true] }, false],
  ["outside of containers", EXEC, { field: "container", negated: false, values: [false] }, true],
];

Deno.test("matches() tells whether a condition holds, and negated the contrary", () => {
  for (const [what, event, condition, holds] of CASES) {
    assert.deepEqual(matches([rule(condition)], event), holds ? ["rule"] : [], what);
    assert.deepEqual(matches([rule(not(condition))], event), holds ? [] : ["rule"], `not ${what}`);
  }
});

Deno.test("matches() wants all conditions of a rule, the kind of event first", () => {
  const both = [path("/etc/**"), not(path("/etc/hosts")), comm("cat")];
  assert.deepEqual(matches([rule(...both)], OPEN), ["rule"]);
  assert.deepEqual(matches([rule(...both)], { ...OPEN, path: "/etc/hosts" }), []);
  assert.deepEqual(matches([rule(...both)], { ...OPEN, comm: "dog" }), []);
  assert.deepEqual(matches([{ ...rule(), on: ["exec"] }], OPEN), []);
  assert.deepEqual(matches([rule()], OPEN), ["rule"], "without conditions it is every event");
});

Deno.test("matches() names the rules in their own order", () => {
  const named = (name: string, condition: Condition) => ({ ...rule(condition), name });
  const rules = [named("z", comm("cat")), named("b", comm("dog")), named("a", path("shadow"))];
  assert.deepEqual(matches(rules, OPEN), ["z", "a"]);
});

Deno.test("judge() names the conditions that fail, or else those that cannot be told", () => {
  const event: EventFacts = { ...OPEN, exe: undefined, untold: new Set(["exe", "access"]) };
  const write: Condition = { field: "access", negated: false, values: ["write"] };
  const read: Condition = { field: "access", negated: false, values: ["read"] };
  const of = (...conditions: readonly Condition[]) => judge(rule(...conditions), event);
  assert.deepEqual(of(exe("cat"), write, comm("cat")), {
    verdict: "unknown",
    onKind: true,
    against: [exe("cat"), write],
  });
  assert.deepEqual(of(exe("cat"), comm("dog")).against, [comm("dog")]);
  assert.equal(of(not(exe("cat"))).verdict, "unknown");
  assert.equal(of(read).verdict, "holds", "what is told of a list holds");
  assert.equal(of(not(read)).verdict, "fails");
  assert.deepEqual(matches([rule(exe("cat"))], event), []);
});
