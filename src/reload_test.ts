import { deepEqual, equal } from "node:assert/strict";
import { parseCommandLine } from "./cli/flags.ts";
import { FILE_OPTIONS } from "./cli/options.ts";
import { type Config, loadConfig } from "./config.ts";
import { filesOf } from "./config_file/files_fixture.ts";
import { loadConfigFile } from "./config_file/load.ts";
import { usageError } from "./errors.ts";
import { createLog } from "./log.ts";
import { differingSettings, Reloader } from "./reload.ts";

function configOf(file: string | undefined, args: readonly string[] = []): Config {
  const invocation = parseCommandLine(args);
  if (invocation.command !== "run") throw new Error(`${args} asks for ${invocation.command}`);
  const loaded = file === undefined
    ? undefined
    : loadConfigFile("c.yaml", filesOf({ "c.yaml": file }));
  return loadConfig(invocation.flags, {}, { file: loaded });
}

function rules(...names: readonly string[]): string {
  return `rules: [${names.map((name) => `{name: ${name}, on: exec}`)}]`;
}

/** A reloader of a file that a test changes, and all that it does, in order. */
function stage(start: string | undefined, args: readonly string[] = []) {
  const did: string[] = [];
  const file = { text: start };
  const clock = { ms: 1000 };
  const reloader = new Reloader({
    config: configOf(start, args),
    read: () => {
      did.push("read");
      // As reading from a disk: wrong content is a promise that is rejected.
      return Promise.resolve().then(() => configOf(file.text, args));
    },
    log: createLog({ level: "info", format: "journal", write: (line) => did.push(line) }),
    now: () => clock.ms,
  });
  const listener = {
    reloading: () => did.push("reloading"),
    ready: (status: string) => did.push(`ready: ${status}`),
  };
  const serve = (act: () => Promise<void> | void = () => {}) =>
    reloader.serve(async (next) => {
      did.push(`apply ${next.rules.map(({ name }) => name)}`);
      await act();
    }, listener);
  return { reloader, did, file, clock, serve };
}

/** All that a reloader was asked for has been done. */
async function settled(reloader: Reloader): Promise<void> {
  await reloader.stop();
}

const REFUSED = "Cannot reload the configuration: the one before stays";

Deno.test("Reloader takes a changed file over, and tells systemd and the log", async () => {
  const { reloader, did, file, clock, serve } = stage(rules("a"));
  deepEqual(reloader.state, { successful: true, succeededAtMs: 1000 });
  serve();
  file.text = rules("b", "c");
  clock.ms = 2000;
  reloader.request();
  await settled(reloader);
  deepEqual(did, [
    "reloading",
    "read",
    "apply b,c",
    "<6>The configuration is reloaded file=c.yaml rules=2",
    "ready: The configuration is reloaded",
  ]);
  deepEqual(reloader.state, { successful: true, succeededAtMs: 2000 });
});

Deno.test("Reloader keeps what runs where the file is wrong, and says each thing that is", async () => {
  const { reloader, did, file, clock, serve } = stage(rules("a"));
  serve();
  clock.ms = 2000;
  file.text = "lgo: x\nrules: [{name: b}]";
  reloader.request();
  await settled(reloader);
  deepEqual(did, [
    "reloading",
    "read",
    `<3>${REFUSED}, because:`,
    '<3>c.yaml:1:1: there is no setting "lgo"; did you mean "log"?',
    '<3>c.yaml:2:9: the rule has no "on"',
    `ready: ${REFUSED}`,
  ]);
  deepEqual(reloader.state, { successful: false, succeededAtMs: 1000 });
});

Deno.test("Reloader refuses what only a start can change, by name", async () => {
  const { reloader, did, file, serve } = stage(`log: {level: info}\n${rules("a")}`);
  serve();
  file.text = `output: none\nlog: {level: debug, format: json}\n${rules("b")}`;
  reloader.request();
  await settled(reloader);
  equal(
    did.at(-2),
    '<3>c.yaml: "output", "log.format" cannot change while the agent runs; ' +
      "restart the service to change them",
  );
  equal(reloader.state.successful, false);
});

Deno.test("Reloader changes nothing where a flag beats the file", async () => {
  const { reloader, did, file, serve } = stage(rules("a"), ["--output=none"]);
  serve();
  file.text = `output: json\n${rules("b")}`;
  reloader.request();
  await settled(reloader);
  equal(did[2], "apply b");
  equal(reloader.state.successful, true);
});

Deno.test("Reloader holds a refusal against what runs, not against what was refused", async () => {
  const { reloader, did, file, serve } = stage(rules("a"));
  serve();
  for (const text of [`output: none\n${rules("b")}`, rules("c")]) {
    file.text = text;
    reloader.request();
    await until(() => did.at(-1)?.startsWith("ready") === true);
    did.push("next");
  }
  equal(did.includes("apply b"), false);
  equal(did.includes("apply c"), true);
  equal(reloader.state.successful, true);
});

Deno.test("Reloader tells where taking over fails, and stays with what runs", async () => {
  const { reloader, did, serve } = stage(rules("a"));
  serve(() => {
    throw usageError("Cannot change rules: ENOMEM");
  });
  reloader.request();
  await settled(reloader);
  deepEqual(did.slice(-2), ["<3>Cannot change rules: ENOMEM", `ready: ${REFUSED}`]);
  equal(reloader.state.successful, false);
});

Deno.test("Reloader serves one after the other, and the last content wins", async () => {
  const { reloader, did, file, serve } = stage(rules("a"));
  let running = 0;
  serve(async () => {
    running++;
    equal(running, 1);
    if (file.text === rules("b")) {
      // While one is under way: what comes now is one more.
      file.text = rules("c");
      reloader.request();
      reloader.request();
      file.text = rules("d");
    }
    await new Promise((resolve) => setTimeout(resolve));
    running--;
  });
  file.text = rules("b");
  reloader.request();
  reloader.request();
  await until(() => did.filter((line) => line.startsWith("ready")).length === 2);
  await settled(reloader);
  deepEqual(did.filter((line) => /^(reloading|apply|ready)/.test(line)), [
    "reloading",
    "apply b",
    "ready: The configuration is reloaded",
    "reloading",
    "apply d",
    "ready: The configuration is reloaded",
  ]);
});

Deno.test("Reloader keeps a request from before it serves, and takes none after", async () => {
  const { reloader, did, file, serve } = stage(rules("a"));
  reloader.request();
  reloader.request();
  deepEqual(did, []);
  file.text = rules("b");
  serve();
  await settled(reloader);
  equal(did.filter((line) => line === "apply b").length, 1);
  const before = did.length;
  reloader.request();
  await settled(reloader);
  equal(did.length, before);
});

Deno.test("Reloader has nothing to do without a file, and takes one that has come", async () => {
  const { reloader, did, file, serve } = stage(undefined);
  deepEqual(reloader.state, { successful: undefined, succeededAtMs: undefined });
  serve();
  reloader.request();
  await until(() => did.length === 4);
  equal(did[2], "<6>There is nothing to reload: there is no configuration file");
  deepEqual(reloader.state, { successful: undefined, succeededAtMs: undefined });
  file.text = rules("a");
  reloader.request();
  await settled(reloader);
  deepEqual(reloader.state, { successful: true, succeededAtMs: 1000 });
});

Deno.test("Reloader does not take a file that has gone for one without rules", async () => {
  const { reloader, did, file, serve } = stage(rules("a"));
  serve();
  file.text = undefined;
  reloader.request();
  await settled(reloader);
  equal(did.at(-2), "<3>c.yaml is not there any more");
  equal(reloader.state.successful, false);
});

Deno.test("differingSettings() finds each setting that differs", () => {
  const values: Readonly<Record<string, string>> = {
    "web.listen-address": ":1",
    "web.telemetry-path": "/m",
    events: "none",
    output: "json",
    "filter.comm": "a",
    "filter.uid": "1",
    "filter.pid": "1",
    args: "none",
    "poll.interval": "5s",
    transport: "ring",
    "ring.pages": "8",
    "bpf.stats": "true",
    duration: "1s",
    "log.level": "debug",
    "log.format": "json",
  };
  const before = configOf(undefined);
  for (const { name } of FILE_OPTIONS) {
    const after = configOf(undefined, [`--${name}=${values[name] ?? "raw_tp"}`]);
    deepEqual(differingSettings(before, after), [name]);
  }
  deepEqual(differingSettings(before, configOf(undefined, ["--poll.interval=1000ms"])), []);
  deepEqual(differingSettings(before, configOf("")), ["config.file"]);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve));
}
