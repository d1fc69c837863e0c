import { deepEqual, equal } from "node:assert/strict";
import { COMMANDS, environmentName, OPTIONS, optionsOf, RUN_OPTIONS } from "./options.ts";

Deno.test("OPTIONS has each name, each short name and each variable once", () => {
  const once = (names: readonly string[]) => equal(new Set(names).size, names.length);
  once(OPTIONS.map(({ name }) => name));
  once(OPTIONS.flatMap(({ short }) => short ?? []));
  once(RUN_OPTIONS.map(({ name }) => environmentName(name)));
  once(COMMANDS.map(({ name }) => name));
});

Deno.test("OPTIONS says of each value of run what stands where it is not given", () => {
  for (const { name, default: usual, otherwise } of RUN_OPTIONS) {
    equal((usual === undefined) !== (otherwise === undefined), true, name);
  }
});

Deno.test("environmentName() writes dots and dashes as underscores", () => {
  equal(environmentName("web.listen-address"), "EBPF_AGENT_WEB_LISTEN_ADDRESS");
  equal(environmentName("events"), "EBPF_AGENT_EVENTS");
});

Deno.test("optionsOf() gives a command its own options and everybody's", () => {
  deepEqual(optionsOf("check").map(({ name }) => name), [
    "config.file",
    "json",
    "help",
    "version",
  ]);
  deepEqual(optionsOf("version").map(({ name }) => name), ["help", "version"]);
  equal(optionsOf("run").length, RUN_OPTIONS.length + 2);
});
