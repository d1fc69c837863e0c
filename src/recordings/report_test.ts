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
  assert.deepEqual([report.events, report.compared, report.differing], [5, 5, 3]);
  const names = [...readRecording(source)].at(-1)?.rules.get(7);
  assert.deepEqual(names, ["shadow", ...Array(32).fill(""), "root"]);
});

Deno.test("reportRecording() tells of what stands before the damage, and then of that", async () => {
  using folder = new Folder();
  const shadow = openRecord({ comm: "cat" }, { path: "x", resolved: "/etc/shadow" });
  {
    await using recording = openRecording({ path: folder.file("a") }, {
      ruleNames: NAMES,
      blockSize: 512,
    });
    for (const rules of [[0, 0], [0, 1], [0, 1]] as const) {
      recording.accept(withOrigin(shadow, { ruleSet: 7, rules }));
      await recording.output.idle();
    }
  }
  const bytes = Deno.readFileSync(folder.file("a"));
  const whole = reportRecording(sourceOf(bytes, "a"), [SHADOW]);
  assert.deepEqual([whole.events, whole.differing, whole.fault], [3, 1, undefined]);
  // The end has a block of its own; before it stands the last record's.
  const cut = reportRecording(sourceOf(bytes.subarray(0, -100), "a"), [SHADOW]);
  assert.equal(cut.lines[0], whole.lines[0]);
  assert.deepEqual(cut.lines.slice(-3), [
    "a: 2 events before the damage, of which match",
    "  shadow  2",
    "",
  ]);
  assert.deepEqual([cut.events, cut.compared, cut.differing], [2, 2, 1]);
  assert.equal(cut.fault?.exitCode, 2);
  assert.match(cut.fault?.message ?? "", /^Cannot read a from byte \d+ on: it was cut in block \d/);
  const other = reportRecording(sourceOf(bytes.subarray(0, 20), "a"), [SHADOW]);
  assert.deepEqual([other.lines, other.events], [[], 0]);
  assert.match(other.fault?.message ?? "", /Nothing of it can be told$/);
});

Deno.test("reportRecording() says where nothing is compared with the recording's own matches", async () => {
  using folder = new Folder();
  const shadow = openRecord({ comm: "cat" }, { path: "x", resolved: "/etc/shadow" });
  const report = async (name: string, recorded: typeof shadow, rules: readonly Rule[]) => {
    {
      await using recording = openRecording({ path: folder.file(name) }, { ruleNames: NAMES });
      recording.accept(recorded);
    }
    return reportRecording(sourceOf(Deno.readFileSync(folder.file(name)), name), rules);
  };
  const none = await report("none", shadow, [SHADOW]);
  const others = await report("others", withOrigin(shadow, { ruleSet: 7, rules: [0, 1] }), [
    BY_CAT,
  ]);
  for (const { lines, events, compared } of [none, others]) {
    assert.deepEqual([events, compared], [1, 0]);
    assert.match(lines.at(-2) ?? "", /^Nothing is compared with what matched when it was recorded/);
  }
  assert.deepEqual(none.lines.slice(0, 2), ["none: 1 event, of which match", "  shadow  1"]);
});
