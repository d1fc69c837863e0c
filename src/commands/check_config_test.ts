import { deepEqual, equal } from "node:assert/strict";
import { filesOf } from "../config_file/files_fixture.ts";
import { type ConfigReport, configText, describeConfig } from "./check_config.ts";

const FILES = filesOf({
  "/c.yaml": `web: { listen-address: [":3000", "[::1]:1"], telemetry-path: /m }
rule-files: r/*.yaml
rules: [{ name: a, on: exec }]`,
  "/r/1.yaml": "rules: [{ name: b, on: exec, args: x }, { name: c, on: exec, enabled: false }]",
  "/r/2.yaml": "tests: []",
});

const REPORT: ConfigReport = {
  file: "/c.yaml",
  settings: ["web.listen-address", "web.telemetry-path"],
  metrics: [":3000/m", "[::1]:1/m"],
  rules: 2,
  disabled: 1,
  rulesOnArgs: ["b"],
  ruleFiles: [
    { file: "/c.yaml", rules: 1, disabled: 0 },
    { file: "/r/1.yaml", rules: 1, disabled: 1 },
    { file: "/r/2.yaml", rules: 0, disabled: 0 },
  ],
};

Deno.test("describeConfig() counts rules by file, and tells what is set", async () => {
  deepEqual(await describeConfig("/c.yaml", FILES), REPORT);
});

Deno.test("configText() says it for people", () => {
  equal(
    configText(REPORT),
    `/c.yaml is right.
  settings  web.listen-address, web.telemetry-path
  metrics   :3000/m, [::1]:1/m
  rules     2, and 1 that are not enabled
            1 in /c.yaml
            2 in /r/1.yaml
            0 in /r/2.yaml
  args      b: matched in user space, after the kernel's part
`,
  );
  const empty = { ...REPORT, settings: [], rules: 0, disabled: 0, rulesOnArgs: [], ruleFiles: [] };
  equal(
    configText(empty),
    "/c.yaml is right.\n  settings  none\n  metrics   :3000/m, [::1]:1/m\n  rules     0\n",
  );
});
