import { throws } from "node:assert/strict";
import { Folder, record } from "../recordings/recording_fixture.ts";
import { test } from "./test.ts";

Deno.test("test() reads no more of a file than shows that it is too large", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const [huge, rules] = [`${folder}/huge.yaml`, `${folder}/rules.yaml`];
    Deno.writeTextFileSync(huge, "rules: []\n");
    // More than memory holds, of which the disk has one block.
    Deno.truncateSync(huge, 2 ** 40);
    Deno.writeTextFileSync(rules, "rules: [{ name: a, on: exec, path: sudo }]\n");
    const refused = { name: "AgentError", exitCode: 2, message: /the file is larger than 256 KiB/ };
    throws(() => test({ ruleFiles: [huge], events: undefined }), refused);
    throws(() => test({ ruleFiles: [rules], events: huge }), refused);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("test() refuses events that are none, and says what they are", async () => {
  using folder = new Folder();
  const file = (name: string, content: Uint8Array | string) => {
    const path = folder.file(name);
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    return path;
  };
  const rules = file("rules.yaml", "rules: [{ name: a, on: exec, path: sudo }]\n");
  const fifo = folder.file("fifo");
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  await record(folder.file("empty.rec"), []);
  const neither = /:1:1: this is neither a recording nor YAML with tests\n/;
  const noFile = /it is a folder, pipe or device, and a file is needed/;
  const noEvents = /^Cannot hold the rules against .*: it has no events\. Name a file with some$/;
  const cases: readonly (readonly [events: string, message: RegExp])[] = [
    [file("random", Uint8Array.from({ length: 999 }, (_, n) => n * 7919)), neither],
    [file("large", new Uint8Array(2 ** 19)), neither],
    [file("latin1", Uint8Array.of(0xe9)), neither],
    [file("empty.yaml", ""), noEvents],
    [file("none.yaml", "tests: []"), noEvents],
    [folder.file("empty.rec"), noEvents],
    [fifo, noFile],
    ["/dev/null", noFile],
  ];
  for (const [events, message] of cases) {
    const refused = { name: "AgentError", exitCode: 2, message };
    throws(() => test({ ruleFiles: [rules], events }), refused, events);
  }
});
