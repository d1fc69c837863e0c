import assert from "node:assert/strict";
import { openRecord, privilegeRecord, withOrigin } from "../outputs/record_fixture.ts";
import type { Rule } from "../rules/rule.ts";
import type { RuleNames } from "../rules/rule_names.ts";
import { Folder, openRecording, sourceOf } from "./recording_fixture.ts";
import { readRecording } from "./reader.ts";
import { reportRecording } from "./report.ts";

const RULE: Rule = {
  name: "",
  on: ["open"],
  conditions: [],
  severity: "medium",
  labels: {},
  technique: undefined,
  rate: undefined,
  emit: true,
};
const SHADOW: Rule = {
  ...RULE,
  name: "shadow",
  conditions: [{
    field: "path",
    negated: false,
    values: [{ match: "exact", text: "/etc/shadow" }],
  }],
};
const ROOT: Rule = {
  ...RULE,
  name: "root",
  on: ["privilege"],
  conditions: [{ field: "uid", negated: false, values: [0] }],
};
const BY_CAT: Rule = {
  ...RULE,
  name: "by-cat",
  conditions: [{ field: "exe", negated: false, values: [{ match: "name", text: "cat" }] }],
};

/** Set 7 has "shadow" as its bit 0 and "root" as its bit 33. */
const NAMES: RuleNames = {
  of: (set, low, high) =>
    set !== 7 ? [] : [...(low & 1 ? [SHADOW] : []), ...(high & 2 ? [ROOT] : [])],
};

Deno.test("reportRecording() counts matches, and tells where the kernel's were others", async () => {
  using folder = new Folder();
  const shadow = openRecord({ comm: "cat" }, { path: "x", resolved: "/etc/shadow" });
  {
    await using recording = openRecording({ path: folder.file("a") }, { ruleNames: NAMES });
    recording.accept(
      shadow,
      withOrigin(shadow, { ruleSet: 7, rules: [0, 1] }),
      withOrigin(openRecord({ comm: "ln" }, { path: "/tmp/link", resolved: "/tmp/link" }), {
        ruleSet: 7,
        rules: [0, 1],
      }),
      withOrigin(privilegeRecord({ comm: "su" }, 5, 0), { ruleSet: 7 }),
      withOrigin(privilegeRecord({ comm: "su" }, 5, 0), { ruleSet: 7, rules: [2, 0] }),
    );
  }
  const source = sourceOf(Deno.readFileSync(folder.file("a")), "a");
  const report = reportRecording(source, [SHADOW, ROOT, BY_CAT]);
  const then = "2025-11-21T18:33:20.123Z): matched otherwise when it was recorded";
  // What has no origin matched nothing then; the link was another name of the file.
  assert.deepEqual(report.lines.filter((line) => line.startsWith("a, event")), [
    `a, event 1 (${then}`,
    `a, event 3 (${then}`,
    `a, event 4 (${then}`,
  ]);
  assert.deepEqual(report.lines.slice(-5), [
    "a: 5 events, of which match",
    "  shadow  2",
    "  root    2",
    "  by-cat  0 (3 more where the recording does not tell enough)",
    "",
  ]);
  assert.deepEqual([report.compared, report.differing], [5, 3]);
  const names = [...readRecording(source)].at(-1)?.rules.get(7);
  assert.deepEqual(names, ["shadow", ...Array(32).fill(""), "root"]);
});
