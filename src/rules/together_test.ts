/** What rules of several files can have together. @module */
import { deepEqual } from "node:assert/strict";
import { Problems } from "../documents/problems.ts";
import { parseYaml } from "../documents/yaml.ts";
import { parseRules } from "./parse_rule.ts";
import { checkTogether } from "./together.ts";

/** What is wrong with files of rules, each of which is named by its place. */
function check(...files: readonly string[]): readonly string[] {
  const problems = new Problems();
  const rules = files.flatMap((text, index) => {
    problems.reading(`${index}`);
    const tree = parseYaml(text, `${index}`, problems);
    return tree === undefined ? [] : parseRules(tree, problems);
  });
  checkTogether(rules, problems);
  return problems.lines();
}

/** A rule that has many values of one condition, a line each from the fifth on. */
function rule(name: string, condition: string, values: readonly string[], enabled = true): string {
  const lines = values.map((value) => `    - "${value}"\n`).join("");
  return `- name: ${name}\n  on: exec\n  enabled: ${enabled}\n  ${condition}:\n${lines}`;
}

function many(count: number, value: (n: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, n) => value(n));
}

const TOO_MANY = "from this value on there are too many: all rules together have";

/** Of each kind of value one, how many there can be, and what is said of one more. */
const KINDS: readonly (readonly [
  field: string,
  value: (n: number) => string,
  most: number,
  what: string,
  remedy: string,
])[] = [
  ["path", (n) => `/f/${n}`, 511, "exact paths", "write /folder/** for many in one folder"],
  [
    "exe",
    (n) => `/${n}/**`,
    512,
    "folders (/folder/**)",
    "write one folder that several of them are in",
  ],
  ["path", (n) => `*.${n}`, 512, "endings", "write one ending that several of them share"],
  [
    "exe",
    (n) => `n${n}`,
    512,
    "base names",
    "write /folder/** for many in one folder, or *ending for many that end alike",
  ],
  [
    "comm",
    (n) => `n${n}`,
    512,
    "names of tasks",
    'write "exe" with /folder/** for the programs of one folder',
  ],
  [
    "uid",
    (n) => `${n}`,
    512,
    "users",
    'name all others, with "not" or without, where these are fewer',
  ],
];

Deno.test("checkTogether() tells of the first value that is too many, of each kind", () => {
  for (const [field, value, most, what, remedy] of KINDS) {
    const rules = (count: number) => [
      rule("a", field, [value(0)]),
      rule("b", field, many(count, value)),
    ];
    deepEqual(check(...rules(most)), [], what);
    deepEqual(check(...rules(most + 88)), [
      `1:${most + 5}:7: ${field}: ${TOO_MANY} ${most + 88} ${what}, and can have ${most}; ` +
      `use fewer, or ${remedy}`,
    ]);
  }
});

Deno.test("checkTogether() counts a value once for each condition, where it is enabled", () => {
  const names = many(300, (n) => `n${n}`);
  const a = rule("a", "comm", names);
  deepEqual(check(a + rule("b", "comm", names)), []);
  deepEqual(check(a, rule("b", "parent.comm", names, false)), []);
  const [line, ...more] = check(a, rule("b", "parent.comm", names));
  deepEqual([line?.replace(/;.*/, ""), more], [
    `1:217:7: parent.comm: ${TOO_MANY} 600 names of tasks, and can have 512`,
    [],
  ]);
});

Deno.test("checkTogether() knows each name once, and 64 rules that are enabled", () => {
  const rules = (count: number, from = 0) =>
    many(count, (n) => `- { name: r${from + n}, on: exec }\n`).join("");
  deepEqual(check(rules(60), rules(4, 60)), []);
  deepEqual(check(rules(60), rules(5, 60), "- { name: r3, on: exec, enabled: false }"), [
    '1:5:11: with this rule more than 64 are enabled; disable some by "enabled: false"',
    '2:1:11: name: "r3" is the name of another rule, at 0:4:11',
  ]);
});
