import { deepEqual } from "node:assert/strict";
import { loadConfig } from "../config.ts";
import { environmentFile } from "./environment_file.ts";
import { environmentName, RUN_OPTIONS } from "./options.ts";
import { SERVICE_DEFAULTS } from "./service_defaults.ts";

/** The variables that stand in the file, whether commented out or not. */
function variables(text: string): Record<string, string> {
  const lines = [...text.matchAll(/^#?(EBPF_AGENT_\w+)=(.*)$/gm)];
  return Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value]));
}

Deno.test("environmentFile() has every option of run, and none of them is set", () => {
  const text = environmentFile();
  const names = RUN_OPTIONS.map(({ name }) => environmentName(name));
  deepEqual(Object.keys(variables(text)), names);
  deepEqual(text.split("\n").filter((line) => !/^(#.{0,99})?$/.test(line)), []);
});

Deno.test("environmentFile() changes nothing where its values are taken as they are", () => {
  const set = variables(environmentFile());
  const described = RUN_OPTIONS.filter((option) => option.default === undefined);
  for (const { name } of described) delete set[environmentName(name)];
  const { sources: _, ...config } = loadConfig({}, set);
  const { sources: __, ...service } = loadConfig({}, serviceEnvironment());
  deepEqual(config, service);
});

function serviceEnvironment(): Record<string, string> {
  const entries = RUN_OPTIONS.flatMap(({ name }): [string, string][] => {
    const value = SERVICE_DEFAULTS[name];
    return value === undefined ? [] : [[environmentName(name), value]];
  });
  return Object.fromEntries(entries);
}
