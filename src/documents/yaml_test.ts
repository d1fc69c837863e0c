import { deepEqual, equal } from "node:assert/strict";
import { Problems } from "./problems.ts";
import { type Plain, plain, treeAt } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

function parse(text: string) {
  const problems = new Problems();
  const tree = parseYaml(text, "f", problems);
  return { tree, lines: problems.lines() };
}

Deno.test("parseYaml() gives text, lists and maps, and no value a meaning", () => {
  const cases: readonly (readonly [string, Plain])[] = [
    ["a: no\nb: 0755\nc: ~\nd: 1.0\ne: 'x'", { a: "no", b: "0755", c: "~", d: "1.0", e: "x" }],
    ["a: [1, true]\nb:\n- x\n-\n", { a: ["1", "true"], b: ["x", ""] }],
    ["a:\nb: {c, d: , e: f}", { a: "", b: { c: "", d: "", e: "f" } }],
    ["%YAML 1.1\n---\na: yes\n...\n", { a: "yes" }],
    ["a: &x [1]\nb: *x\nc: [*x, &x 2, *x]", { a: ["1"], b: ["1"], c: [["1"], "2", "2"] }],
    ["a: |\n  b\n  c\n", { a: "b\nc\n" }],
    ["<<: {a: b}", { "<<": { a: "b" } }],
    ["__proto__: {toString: x}", { ["__proto__"]: { toString: "x" } }],
    ["!!str a: b", { a: "b" }],
    ["a: 1\r\nb: 2\r\n", { a: "1", b: "2" }],
    ["just text", "just text"],
    ["[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]", Array(16).fill(0).reduce((inner) => [inner], "x")],
  ];
  for (const [text, value] of cases) {
    const { tree, lines } = parse(text);
    deepEqual(lines, [], text);
    // Through JSON, for its objects have no prototype.
    equal(JSON.stringify(tree && plain(tree)), JSON.stringify(value), text);
  }
});

Deno.test("parseYaml() takes what holds nothing for empty", () => {
  for (const text of ["", "\n \n", "# only a comment\n", "---\n", "---\n# x\n...\n"]) {
    deepEqual(parse(text), { tree: undefined, lines: [] }, JSON.stringify(text));
  }
});

Deno.test("parseYaml() knows the place of everything", () => {
  const { tree } = parse(
    "web:\n  listen-address:\n    - :1\n    - ':2' # x\nlog: {level: é, x: y}\n",
  );
  if (tree === undefined) throw new Error("There is no tree");
  const at = (...path: readonly (string | number)[]) => {
    const { line, column } = treeAt(tree, path).place;
    return `${line}:${column}`;
  };
  equal(at("web"), "2:3");
  equal(at("web", "listen-address", 0), "3:7");
  equal(at("web", "listen-address", 1), "4:7");
  equal(at("log", "x"), "5:20");
  equal(at("log", "absent", "x"), "5:6");
  const log = tree.kind === "map" ? tree.entries.get("log") : undefined;
  deepEqual(log?.place, { file: "f", line: 5, column: 1 });
});

Deno.test("parseYaml() says where and why a file is no YAML", () => {
  const deep = "lists and maps stand in each other more than 16 deep";
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["a:\n\tb: 1", ["f:2:1: a tab stands here where YAML takes spaces alone"]],
    ["a: 1\n---\nb: 2", ["f:2:1: a second document begins here; write one a file"]],
    ["a: 1\nb: 2\na: 3", ['f:3:1: "a" stands here a second time, after line 1']],
    ["{a: 1, 'a': 2, \"\\x61\": 3}", [
      'f:1:8: "a" stands here a second time, after line 1',
      'f:1:16: "a" stands here a second time, after line 1',
    ]],
    ["? [a]\n: b", ["f:1:3: this key is no word"]],
    ["a: !!int 3", ["f:1:4: tags have no meaning here; leave it out"]],
    ["a: *x", ['f:1:4: nothing before this is called "&x"']],
    ["a: &x [*x]", ['f:1:8: "*x" would be within itself']],
    ["a: &x {b: {c: *x}}", ['f:1:15: "*x" would be within itself']],
    ['a: "\\0"', ["f:1:4: the text holds a NUL, or half a character"]],
    ['"\\ud800": a', ["f:1:1: the text holds a NUL, or half a character"]],
    ["a: b: c", ["f:1:4: this is not YAML: nested mappings are not allowed in compact mappings"]],
    ["a: 'x", ["f:1:6: this is not YAML: missing closing 'quote"]],
    // The library's own counter of lines would have all of this in the first.
    ["a: {b: [0]c\n  d: [x]}\n", [
      "f:1:11: this is not YAML: unexpected scalar at node end",
      "f:2:4: this is not YAML: missing , between flow map items",
    ]],
    ["[".repeat(17) + "]".repeat(17), [`f:1:17: ${deep}`]],
    ["a: [".repeat(9) + "]".repeat(9), [`f:1:33: ${deep}`]],
  ];
  for (const [text, lines] of cases) deepEqual(parse(text).lines, lines, text);
});

Deno.test("parseYaml() bounds what a small file can become", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (const [index, name] of [..."bcdefghij"].entries()) {
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[index]}`).join(",")}]`);
  }
  const many = "f:1:20: the file has more than 50000 values";
  deepEqual(parse(bomb.join("\n")), { tree: undefined, lines: [many] });
  const list = `[${"a,".repeat(50_000)}]`;
  deepEqual(parse(list).lines, ["f:1:100000: the file has more than 50000 values"]);
});

Deno.test("parseYaml() has one sentence for what is nested however deep", () => {
  const dashes = "- ".repeat(100_000);
  // Where so many lists end at once the library itself comes to the end of its stack.
  for (const text of ["[".repeat(100_000), dashes, `${dashes}\nx`, "{a: ".repeat(50_000)]) {
    const { tree, lines } = parse(text);
    equal(tree, undefined);
    equal(lines.length >= 1 && lines.length <= 3, true, lines.join("\n"));
    equal(
      lines[0]?.replace(/^f:1:\d+: /, ""),
      "lists and maps stand in each other more than 16 deep",
    );
  }
});
