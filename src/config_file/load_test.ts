import { deepEqual, equal, throws } from "node:assert/strict";
import { AgentError, EXIT } from "../errors.ts";
import { filesOf } from "./files_fixture.ts";
import { loadConfigFile } from "./load.ts";
import { MOST_BYTES } from "../documents/text.ts";

function rule(name: string, more = ""): string {
  return `- {name: ${name}, on: exec${more}}\n`;
}

function load(contents: Readonly<Record<string, string>>) {
  return loadConfigFile("/etc/c.yaml", filesOf(contents));
}

function namesIn({ ruleFiles }: ReturnType<typeof load>) {
  return ruleFiles.map(({ path, rules }) => [path, ...rules.map(({ rule }) => rule.name)]);
}

function refuses(contents: Readonly<Record<string, string>>, lines: readonly string[]): void {
  throws(() => load(contents), (error) => {
    if (!(error instanceof AgentError)) return false;
    deepEqual([error.message.split("\n"), error.exitCode], [lines, EXIT.usage]);
    return true;
  }, lines.join("\n"));
}

Deno.test("loadConfigFile() reads settings, and rules from the files that it names", () => {
  const config = load({
    "/etc/c.yaml": `output: json\nrule-files: [rules/*.yaml, /srv/own.yaml, rules/b.yaml, "*.yaml"]
rules:\n${rule("own")}`,
    "/etc/rules/b.yaml": `rules:\n${rule("b1")}${rule("b2", ", enabled: false")}`,
    "/etc/rules/a.yaml": `# nothing but tests\ntests: [{whatever: 1}]`,
    "/srv/own.yaml": `rules:\n${rule("srv")}tests:`,
  });
  deepEqual(config.settings.get("output")?.values, ["json"]);
  deepEqual(namesIn(config), [
    ["/etc/c.yaml", "own"],
    ["/etc/rules/a.yaml"],
    ["/etc/rules/b.yaml", "b1", "b2"],
    ["/srv/own.yaml", "srv"],
  ]);
  deepEqual(config.rules.map(({ enabled }) => enabled), [true, true, false, true]);
});

Deno.test("loadConfigFile() takes an empty file, and patterns that nothing matches", () => {
  deepEqual(namesIn(load({ "/etc/c.yaml": "" })), []);
  deepEqual(namesIn(load({ "/etc/c.yaml": "rules:\nrule-files:" })), []);
  deepEqual(namesIn(load({ "/etc/c.yaml": "rule-files: none/*.yaml" })), []);
});

Deno.test("loadConfigFile() tells of all that is wrong in all files, in their order", () => {
  refuses({
    "/etc/c.yaml": `lgo: {}\nrule-files: [r/*.yaml, absent.yaml, locked.yaml]\nrules:\n- name: A`,
    "/etc/r/1.yaml": `rules: x\noutput: json\ntest: []`,
    "/etc/r/2.yaml": `a: [`,
    "/etc/locked.yaml": "EACCES",
  }, [
    '/etc/c.yaml:1:1: there is no setting "lgo"; did you mean "log"?',
    '/etc/c.yaml:2:24: rule-files: cannot read "/etc/absent.yaml": there is no such file',
    '/etc/c.yaml:2:37: rule-files: cannot read "/etc/locked.yaml": it may not be read (EACCES)',
    '/etc/c.yaml:4:3: the rule has no "on"',
    '/etc/c.yaml:4:9: name: "A" is no name; write at most 64 lower-case letters, digits, "-" and "_"',
    '/etc/r/1.yaml:1:8: "rules" takes a list of rules, not a value',
    '/etc/r/1.yaml:2:1: there is no "output" in a file of rules; settings stand in the configuration itself',
    '/etc/r/1.yaml:3:1: there is no "test" in a file of rules; did you mean "tests"?',
    "/etc/r/2.yaml:1:5: this is not YAML: flow sequence in block collection must be sufficiently indented and end with a ]",
  ]);
});

Deno.test("loadConfigFile() refuses what is no map, and paths that are none", () => {
  refuses({ "/etc/c.yaml": "- a" }, [
    '/etc/c.yaml:1:1: the file has to be a map, such as "log:" and below it, not a list',
  ]);
  const path = "rule-files: takes a path, or a list of paths";
  refuses({ "/etc/c.yaml": "rule-files: [{a: b}, '']" }, [
    `/etc/c.yaml:1:14: ${path}`,
    `/etc/c.yaml:1:22: ${path}`,
  ]);
});

Deno.test("loadConfigFile() knows each name once, also of rules that are not enabled", () => {
  refuses({
    "/etc/c.yaml": `rule-files: r.yaml\nrules:\n${rule("a")}${rule("b", ", enabled: false")}`,
    "/etc/r.yaml": `rules:\n${rule("b")}${rule("a")}`,
  }, [
    '/etc/r.yaml:2:10: name: "b" is the name of another rule, at /etc/c.yaml:4:10',
    '/etc/r.yaml:3:10: name: "a" is the name of another rule, at /etc/c.yaml:3:10',
  ]);
});

Deno.test("loadConfigFile() takes 64 rules that are enabled, and tells of the first above", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => rule(`r${index}`)).join("");
  const contents = (count: number) => ({
    "/etc/c.yaml": `rules:\n${rule("off", ", enabled: false")}${many(count)}`,
  });
  equal(load(contents(64)).rules.length, 65);
  refuses(contents(66), [
    "/etc/c.yaml:67:10: with this rule more than 64 are enabled; " +
    'disable some by "enabled: false"',
  ]);
});

Deno.test("loadConfigFile() refuses itself among its rule files, but by a pattern", () => {
  refuses({ "/etc/c.yaml": `rule-files: ["*.yaml", c.yaml]\nrules:\n${rule("a")}` }, [
    "/etc/c.yaml:1:24: rule-files: this is the configuration itself, whose rules count already",
  ]);
});

Deno.test("loadConfigFile() says why a file cannot be read, and what to do", () => {
  const remedy = "Name one by --config.file=PATH, or leave that out";
  for (
    const [code, reason] of [
      ["ENOENT", "there is no such file"],
      ["EISDIR", "it is a folder"],
      ["ESPIPE", "it is a pipe or device, and a file is needed"],
      ["EIO", "EIO"],
    ]
  ) {
    refuses({ "/etc/c.yaml": code ?? "" }, [
      `Cannot read the configuration /etc/c.yaml: ${reason}. ${remedy}`,
    ]);
  }
});

Deno.test("loadConfigFile() reads a bounded number of files", () => {
  const files = Object.fromEntries(
    Array.from({ length: 65 }, (_, index) => [`/etc/r/${index + 100}.yaml`, ""]),
  );
  refuses({ ...files, "/etc/c.yaml": "rule-files: r/*.yaml" }, [
    "/etc/c.yaml:1:13: rule-files: these are more than 64 files",
  ]);
});

Deno.test("loadConfigFile() takes 256 KiB in all its files, and names the first file above", () => {
  const config = "rule-files: r/*.yaml\n";
  const file = (size: number) => `#${"x".repeat(size - 1)}`;
  const half = MOST_BYTES / 2;
  const contents = (more: number) => ({
    "/etc/c.yaml": config,
    "/etc/r/1.yaml": file(half),
    "/etc/r/2.yaml": file(half - config.length + more),
    "/etc/r/3.yaml": "",
  });
  equal(load(contents(0)).ruleFiles.length, 3);
  refuses(contents(1), [
    '/etc/c.yaml:1:13: rule-files: with "/etc/r/2.yaml" the configuration and its rules are larger ' +
    "than 256 KiB; name fewer files, or take tests and comments out of them",
  ]);
});
