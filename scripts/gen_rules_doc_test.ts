import assert from "node:assert/strict";
import { generate, readPack } from "./gen_rules_doc.ts";

const DOCUMENT =
  "before\n<!-- rule pack: generated from rules/*.yaml by scripts/gen.ts -->\nold\n" +
  "<!-- end of rule pack -->\nafter\n";
const FILE = `# About
# all.

rules:
  # What it is. Falsely: one | other,
  # and more.
  - name: a
    on: open
    threat.technique: T1003
  # Falsely: nothing
  - name: b
    on: exec
    severity: high
    enabled: false
`;

Deno.test("generate() has a row for each rule, and leaves the rest as it is", () => {
  assert.equal(
    generate(DOCUMENT, [{ name: "x.yaml", text: FILE }]),
    `before
<!-- rule pack: generated from rules/*.yaml by scripts/gen.ts -->

### \`rules/x.yaml\`

About
all.

| rule | severity | technique | on | what sets it off falsely |
|---|---|---|---|---|
| \`a\` | medium | T1003 | yes | One \\| other, and more. What it is. |
| \`b\` | high |  | no | Nothing. |
<!-- end of rule pack -->
after
`,
  );
});

Deno.test("generate() refuses a rule of which nobody says what sets it off falsely", () => {
  const silent = FILE.replace("Falsely: nothing", "Nothing");
  assert.throws(() => generate(DOCUMENT, [{ name: "x.yaml", text: silent }]), /rule b: no comment/);
  assert.throws(() => generate("", []), /marks are gone/);
});

Deno.test("readPack() finds the rule files by name", () => {
  const names = readPack(new URL("../rules/", import.meta.url)).map(({ name }) => name);
  assert.ok(names.includes("sensitive-files.yaml"));
  assert.deepEqual(names, names.toSorted());
});
