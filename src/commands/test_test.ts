import { throws } from "node:assert/strict";
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
