import { deepEqual, equal } from "node:assert/strict";
import { loadConfig } from "../config.ts";
import { filesOf } from "../config_file/files_fixture.ts";
import { loadConfigFile } from "../config_file/load.ts";
import { exampleConfig } from "./example_config.ts";
import { environmentName, FILE_OPTIONS } from "./options.ts";
import { SERVICE_DEFAULTS } from "./service_defaults.ts";

function load(text: string) {
  return loadConfigFile("c.yaml", filesOf({ "c.yaml": text }));
}

/** Settings without where they come from. */
function valuesOf({ sources: _, configFile: __, ...values }: ReturnType<typeof loadConfig>) {
  return values;
}

Deno.test("exampleConfig() sets what the service needs, and nothing else", () => {
  const file = load(exampleConfig());
  deepEqual([...file.settings.keys()].sort(), Object.keys(SERVICE_DEFAULTS).sort());
  const environment = Object.fromEntries(
    Object.entries(SERVICE_DEFAULTS).map(([name, value]) => [environmentName(name), value]),
  );
  deepEqual(valuesOf(loadConfig({}, {}, { file })), valuesOf(loadConfig({}, environment)));
});

Deno.test("exampleConfig() shows every setting, and its default where there is one", () => {
  const [settings = ""] = exampleConfig().split("# Rules say");
  const withoutValue = /^( *)#[\w-]+: .*\b(N|NAME|DURATION|HOOK)\b.*$/gm;
  const all = settings.replaceAll(withoutValue, "").replaceAll(/^( *)#([a-z-]+: \S)/gm, "$1$2");
  const file = load(all);
  const described = FILE_OPTIONS.filter((option) =>
    option.default !== undefined || option.value === undefined
  );
  deepEqual([...file.settings.keys()].sort(), described.map(({ name }) => name).sort());
  const { bpfStats: _, ...values } = valuesOf(loadConfig({}, {}, { file }));
  const { bpfStats: __, ...expected } = valuesOf(
    loadConfig({}, {}, { file: load(exampleConfig()) }),
  );
  deepEqual(values, expected);
  equal(settings.match(withoutValue)?.length, FILE_OPTIONS.length - described.length);
});

Deno.test("exampleConfig() shows a rule that is right", () => {
  const lines = exampleConfig().split("\n");
  const start = lines.findIndex((line) => line.startsWith("#rules:"));
  const text = lines.slice(start).map((line) => line.replace(/^#/, "")).join("\n");
  const file = load(text);
  deepEqual(file.rules.map(({ rule }) => rule.name), ["shadow-read"]);
});

Deno.test("exampleConfig() fits 100 columns", () => {
  deepEqual(exampleConfig().split("\n").filter((line) => line.length > 100), []);
});
