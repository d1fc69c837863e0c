import { deepEqual } from "node:assert/strict";
import { Problems } from "../documents/problems.ts";
import { readSettings } from "./settings.ts";
import { parseYaml } from "../documents/yaml.ts";

function read(text: string) {
  const problems = new Problems();
  const tree = parseYaml(text, "f", problems);
  if (tree?.kind !== "map") throw new Error(`${text} is no map`);
  const settings = readSettings(tree, problems);
  const values = Object.fromEntries([...settings].map(([name, { values }]) => [name, values]));
  return { values, lines: problems.lines() };
}

Deno.test("readSettings() finds options nested at their dots, one value or a list", () => {
  const cases: readonly (readonly [string, Record<string, readonly string[]>])[] = [
    ["output: json", { output: ["json"] }],
    ["events: [exec, open]", { events: ["exec,open"] }],
    ["events: exec,open", { events: ["exec,open"] }],
    ["events: [none]", { events: ["none"] }],
    ["filter: {comm: [a, 'b,c'], uid: 0}", { "filter.comm": ["a", "b,c"], "filter.uid": ["0"] }],
    ["web:\n  listen-address: :1", { "web.listen-address": [":1"] }],
    ["bpf: {stats: true}\nring:\n  pages: 8", { "bpf.stats": ["true"], "ring.pages": ["8"] }],
    ["log:\n  #level: debug\nweb:", {}],
    ["rules: anything\nrule-files: anything", {}],
  ];
  for (const [text, values] of cases) deepEqual(read(text), { values, lines: [] }, text);
});

Deno.test("readSettings() tells of all that is wrong, with the right word where one is near", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["evnts: exec", ['f:1:1: there is no setting "evnts"; did you mean "events"?']],
    ["rulse: []", ['f:1:1: there is no setting "rulse"; did you mean "rules"?']],
    ["nonsense: x", ['f:1:1: there is no setting "nonsense"']],
    [
      "web.listen-address: :1",
      ['f:1:1: there is no setting "web.listen-address"; write "listen-address" below "web:"'],
    ],
    [
      "listen-adress: :1",
      ['f:1:1: there is no setting "listen-adress"; write "listen-address" below "web:"'],
    ],
    ["config.file: x", ['f:1:1: "config.file" is for the command line and the environment alone']],
    ["filter: {comms: a}", [
      'f:1:10: there is no setting "comms" below "filter"; did you mean "comm"?',
    ]],
    ["poll: {nonsense: a}", [
      'f:1:8: there is no setting "nonsense" below "poll"; there is interval',
    ]],
    ["log: debug", ["f:1:6: log: takes settings below it (level:, format:), not a value"]],
    ["log: [level]", ["f:1:6: log: takes settings below it (level:, format:), not a list"]],
    ["output: [text]", ["f:1:9: output: takes a value, not a list"]],
    ["output:", ["f:1:8: output: the value is empty; give one, or leave it out"]],
    ["filter: {uid: []}", [
      "f:1:15: filter.uid: the list is empty; give a value, or leave it out",
    ]],
    ["filter: {uid: [1, {a: b}, root]}", [
      "f:1:19: filter.uid: takes a value, not a map",
      'f:1:27: filter.uid: "root" is not a user id; write a whole number 0 to 4294967294',
    ]],
    ["events: [exec, opne]", [
      'f:1:16: events: "opne" is none of exec, clone, open, privilege or none; did you mean "open"?',
    ]],
    ["events: [exec, none]", [
      'f:1:9: events: "exec,none" mixes "none" with kinds; it stands alone',
    ]],
    ["poll:\n  interval: 5\nbpf:\n  stats: yes\nx: y", [
      'f:2:13: poll.interval: "5" has no unit; write "5s" for seconds, or ms, m or h',
      'f:4:10: bpf.stats: "yes" is none of true or false',
      'f:5:1: there is no setting "x"',
    ]],
  ];
  for (const [text, lines] of cases) deepEqual(read(text).lines, lines, text);
});
