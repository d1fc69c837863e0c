import { equal, ok } from "node:assert/strict";
import { FAMILIES } from "../src/metrics/families.ts";
import { generate } from "./gen_metrics_doc.ts";

Deno.test("generate() has a row of four cells for each metric", () => {
  const lines = generate().split("\n");
  for (const { name, type, labels } of FAMILIES) {
    const rows = lines.filter((line) => line.startsWith(`| \`${name}\` |`));
    equal(rows.length, 1, name);
    const [, , typeCell, labelCell, meaning, ...rest] = rows[0].split(/(?<!\\)\|/);
    equal(typeCell.trim(), type);
    equal(labelCell.trim(), labels.map((label) => `\`${label}\``).join(", "));
    ok(meaning.trim().endsWith("."), meaning);
    equal(rest.join(""), "");
  }
});

Deno.test("generate() explains every label but those of the build", () => {
  const build = ["version", "deno", "libbpf", "kernel"];
  const labels = new Set(FAMILIES.flatMap((family) => family.labels));
  for (const label of labels) {
    if (build.includes(label)) continue;
    ok(generate().includes(`\n| \`${label}\` | `), label);
  }
});

Deno.test("generate() recommends alerts that promtool takes for rules", async () => {
  const block = /Worth an alert:\n\n((?: {4}.*\n)+)/.exec(generate())?.[1] ?? "";
  const rules = block.trimEnd().split("\n").map((line, index) =>
    `  - { alert: Alert${index}, expr: ${JSON.stringify(line.trim())} }\n`
  );
  ok(rules.length > 1);
  const file = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(file, `groups:\n- name: docs\n  rules:\n${rules.join("")}`);
    const { code, stderr } = await new Deno.Command("promtool", { args: ["check", "rules", file] })
      .output();
    equal(code, 0, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(file);
  }
});
