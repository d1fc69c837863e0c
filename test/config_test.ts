/** The configuration file of the real program: what it sets, how it is refused, and taken over anew. @module */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { Agent, inheritedEnvironment, runAgent } from "./harness/agent.ts";
import { checkout } from "./harness/checkout.ts";
import { kernelTest } from "./harness/kernel.ts";
import { type Metrics, sample, samples } from "./harness/metrics.ts";
import { output, run, until } from "./harness/process.ts";

const SUCCESSFUL = "ebpf_agent_config_last_reload_successful";
const SUCCEEDED_AT = "ebpf_agent_config_last_reload_success_timestamp_seconds";
const MATCHES = "ebpf_agent_rule_matches_total";

/** A folder with a configuration file in it. */
class Configured implements AsyncDisposable {
  readonly folder: string;
  readonly path: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.path = `${folder}/config.yaml`;
  }

  static async create(text?: string): Promise<Configured> {
    const configured = new Configured(await Deno.makeTempDir({ prefix: "configured-" }));
    if (text !== undefined) await configured.write(text);
    return configured;
  }

  async write(text: string, name = "config.yaml"): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/${name}`, text);
  }

  start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Agent> {
    return Agent.start({ args: [`--config.file=${this.path}`, "--output=none", ...args], env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A rule that matches programs of a name that no other program has. */
function rule(name: string, program: string, severity = "medium"): string {
  return `- { name: ${name}, on: exec, path: ${program}, severity: ${severity} }\n`;
}

function matchesOf(metrics: Metrics): readonly string[] {
  return samples(metrics, MATCHES).map(([name, value]) => `${name.slice(MATCHES.length)} ${value}`);
}

/** Waits until the agent has said so many times how a reload ended. */
function reloads(agent: Agent, count: number): Promise<true> {
  return until(`${count} reloads have ended`, () => {
    const ended = agent.stderr.match(/The configuration is reloaded|Cannot reload the/g) ?? [];
    return ended.length >= count ? true : undefined;
  });
}

Deno.test("check --config.file says what is in a file, and needs nothing else", async () => {
  await using configured = await Configured.create(
    `output: json\nrule-files: rules/*.yaml\nrules:\n${rule("own", "sudo")}`,
  );
  await Deno.mkdir(`${configured.folder}/rules`);
  await configured.write(`rules:\n${rule("other", "su")}tests: []\n`, "rules/a.yaml");
  const { code, stdout, stderr } = await runAgent(["check", `--config.file=${configured.path}`]);
  equal(
    stdout,
    `${configured.path} is right.
  settings  output
  metrics   127.0.0.1:9110/metrics
  rules     2
            1 in ${configured.path}
            1 in ${configured.folder}/rules/a.yaml
`,
  );
  deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const json = await runAgent(["check", "--json", `--config.file=${configured.path}`]);
  equal(JSON.parse(json.stdout).rules, 2);
});

Deno.test("check and run tell of all that is wrong with a file, each with its place", async () => {
  await using configured = await Configured.create(
    `lgo: { level: info }\npoll:\n  interval: 5\nrules:\n- name: a\n  on: exec\n  comms: x\n`,
  );
  const { path } = configured;
  const lines = [
    `ebpf-agent: ${path}:1:1: there is no setting "lgo"; did you mean "log"?`,
    `  ${path}:3:13: poll.interval: "5" has no unit; write "5s" for seconds, or ms, m or h`,
    `  ${path}:7:3: there is no setting "comms" in a rule; did you mean "comm"?`,
    "",
  ].join("\n");
  for (const command of [["check"], ["run"], []]) {
    const byFlag = await runAgent([...command, `--config.file=${path}`]);
    deepEqual(byFlag, { code: 2, stdout: "", stderr: lines });
  }
  deepEqual(await runAgent(["run"], { env: { EBPF_AGENT_CONFIG_FILE: path } }), {
    code: 2,
    stdout: "",
    stderr: lines,
  });
});

Deno.test("a file that is named and cannot be read is wrong usage", async () => {
  await using configured = await Configured.create();
  const fifo = `${configured.folder}/fifo`;
  await output(["mkfifo", fifo]);
  const cases = [
    [configured.path, "there is no such file"],
    [configured.folder, "it is a folder"],
    [fifo, "it is a pipe or device, and a file is needed"],
  ] as const;
  for (const [path, reason] of cases) {
    for (const command of ["run", "check"]) {
      const { code, stderr } = await runAgent([command, `--config.file=${path}`]);
      match(
        stderr,
        new RegExp(`^ebpf-agent: Cannot read the configuration \\S+: ${reason}\\. Name one`),
      );
      equal(code, 2);
    }
  }
  const empty = await runAgent(["run", "--config.file="]);
  match(empty.stderr, /^ebpf-agent: --config\.file: the value is empty/);
});

/** All values that rules can have, and so many more of each kind. */
function valuesOf(folder: string, more: number): string {
  const list = (most: number, value: (n: number) => string) =>
    Array.from({ length: most + more }, (_, n) => value(n));
  return JSON.stringify({
    rules: [
      { name: "exact", on: "open", path: list(511, (n) => `${folder}/${n}`) },
      { name: "prefix", on: "open", path: list(512, (n) => `/${n}/**`) },
      { name: "suffix", on: "open", exe: list(512, (n) => `*.${n}`) },
      { name: "name", on: "open", exe: list(512, (n) => `name-${n}`) },
      { name: "comm", on: "open", not: { comm: list(512, (n) => `comm-${n}`) } },
      { name: "uid", on: "open", uid: list(512, (n) => `${n}`) },
    ],
  });
}

Deno.test("check, run and test refuse one more value than rules can have, of each kind", async () => {
  await using configured = await Configured.create();
  const { path, folder } = configured;
  await configured.write(valuesOf(folder, 1));
  for (const command of [["check", `--config.file=${path}`], [`--config.file=${path}`]]) {
    const { code, stderr } = await runAgent(command);
    equal(code, 2);
    deepEqual(
      stderr.trim().split("\n").map((line) =>
        /:1:\d+: (\S+): from this .* have (\d+) (.*), and/.exec(line)?.slice(1).join(" ")
      ),
      [
        "path 512 exact paths",
        "path 513 folders (/folder/**)",
        "exe 513 endings",
        "exe 513 base names",
        "not.comm 513 names of tasks",
        "uid 513 users",
      ],
    );
    deepEqual({ code, stderr }, { code: 2, stderr: (await runAgent(["test", path])).stderr });
  }
});

kernelTest("check, run and a reload take all values that rules can have", async () => {
  await using configured = await Configured.create();
  const { path, folder } = configured;
  await configured.write(valuesOf(folder, 0));
  equal((await runAgent(["check", `--config.file=${path}`])).code, 0);
  await using agent = await configured.start();
  equal(sample(await agent.metrics(), "ebpf_agent_rules_loaded"), 6);
  agent.signal("SIGHUP");
  await reloads(agent, 1);
  const { code, stderr } = await agent.stop();
  deepEqual([code, /Cannot reload/.test(stderr)], [0, false], stderr);
});

kernelTest("a flag beats the environment, and that the file", async () => {
  await using configured = await Configured.create("web: { telemetry-path: /file }\n");
  const served = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
    await using agent = await configured.start(args, env);
    const paths = ["/file", "/environment", "/flag", "/metrics"];
    const answers = await Promise.all(paths.map(async (path) => {
      const response = await fetch(agent.url + path);
      await response.body?.cancel();
      return response.status;
    }));
    return paths[answers.indexOf(200)];
  };
  const variable = { EBPF_AGENT_WEB_TELEMETRY_PATH: "/environment" };
  equal(await served([], {}), "/file");
  equal(await served([], variable), "/environment");
  equal(await served(["--web.telemetry-path=/flag"], variable), "/flag");
});

kernelTest("SIGHUP takes rules over, and no counter goes back", async () => {
  await using configured = await Configured.create(
    `rule-files: more.yaml\nrules:\n${rule("kept", "config-test-a")}`,
  );
  await configured.write(`rules:\n${rule("gone", "config-test-b")}`, "more.yaml");
  for (const name of ["config-test-a", "config-test-b"]) {
    await Deno.symlink("/bin/true", `${configured.folder}/${name}`);
  }
  const execute = (name: string) => output([`${configured.folder}/${name}`]);
  await using agent = await configured.start();
  const before = await agent.metrics();
  equal(sample(before, SUCCESSFUL), 1);
  await execute("config-test-a");
  await configured.write(`rules:\n${rule("new", "config-test-b", "high")}`, "more.yaml");
  agent.signal("SIGHUP");
  await reloads(agent, 1);
  await execute("config-test-a");
  await execute("config-test-b");
  const after = await agent.metrics();
  equal(sample(after, SUCCESSFUL), 1);
  ok(sample(after, SUCCEEDED_AT) > sample(before, SUCCEEDED_AT));
  ok(matchesOf(after).includes('{rule="kept",severity="medium"} 2'), `${matchesOf(after)}`);
  ok(matchesOf(after).includes('{rule="new",severity="high"} 1'), `${matchesOf(after)}`);
  equal(sample(after, "ebpf_agent_rules_loaded"), 2);
  match(agent.stderr, /The configuration is reloaded file=\S+\/config\.yaml rules=2\n/);
  equal((await agent.stop()).code, 0);
});

kernelTest("SIGHUP with a file that is wrong leaves what runs, and says why", async () => {
  await using configured = await Configured.create(`rules:\n${rule("kept", "config-test-a")}`);
  await Deno.symlink("/bin/true", `${configured.folder}/config-test-a`);
  await using agent = await configured.start();
  const started = sample(await agent.metrics(), SUCCEEDED_AT);
  const wrong = [
    [`rules:\n${rule("new", "config-test-b")}- { name: new }\n`, /:3:3: the rule has no "on"/],
    ["log: { level: debug }\nweb: { telemetry-path: /m }\n", /"web\.telemetry-path" cannot change/],
    ["\u0000", /:1:1: U\+0000 is a control character/],
  ] as const;
  for (const [index, [text, reason]] of wrong.entries()) {
    await configured.write(text);
    agent.signal("SIGHUP");
    await reloads(agent, index + 1);
    await until("it says why", () => reason.test(agent.stderr) || undefined);
    await output([`${configured.folder}/config-test-a`]);
    const metrics = await agent.metrics();
    equal(sample(metrics, SUCCESSFUL), 0);
    equal(sample(metrics, SUCCEEDED_AT), started);
    deepEqual(matchesOf(metrics), [`{rule="kept",severity="medium"} ${index + 1}`]);
  }
  match(agent.stderr, /restart the service to change it/);
  await Deno.remove(configured.path);
  agent.signal("SIGHUP");
  await reloads(agent, 4);
  match(agent.stderr, /Cannot read the configuration \S+: there is no such file/);
  await configured.write(`rules:\n${rule("kept", "config-test-a")}`);
  agent.signal("SIGHUP");
  await reloads(agent, 5);
  equal(sample(await agent.metrics(), SUCCESSFUL), 1);
  equal((await agent.stop()).code, 0);
});

kernelTest("SIGHUP changes the level of messages and how often it polls", async () => {
  await using configured = await Configured.create("poll: { interval: 1h }\n");
  await using agent = await configured.start();
  await output(["/bin/true"]);
  await configured.write("poll: { interval: 100ms }\nlog: { level: debug }\n");
  agent.signal("SIGHUP");
  await reloads(agent, 1);
  await output(["/bin/true"]);
  await until(
    "a poll tells what moved",
    () => /DEBUG Counters moved/.test(agent.stderr) || undefined,
  );
  equal((await fetch(`${agent.url}/healthz`).then(bodyless)).status, 200);
});

kernelTest("SIGHUP in quick succession ends with the last content", async () => {
  await using configured = await Configured.create(`rules:\n${rule("first", "config-test-a")}`);
  await using agent = await configured.start();
  for (let index = 0; index < 20; index++) {
    // Renamed into place, as what writes such files does: half a file is a wrong one.
    await configured.write(`rules:\n${rule(`rule-${index}`, "config-test-a")}`, "next.yaml");
    await Deno.rename(`${configured.folder}/next.yaml`, configured.path);
    agent.signal("SIGHUP");
  }
  await until("the last rule is there", async () => {
    const found = matchesOf(await agent.metrics());
    return found.some((line) => line.includes('rule="rule-19"')) || undefined;
  });
  equal(sample(await agent.metrics(), "ebpf_agent_rules_loaded"), 1);
  const end = await agent.stop();
  doesNotMatch(end.stderr, /Cannot reload/);
  match(end.stderr, /The ledger closes\n$/);
});

kernelTest("without a file there is nothing to reload, and no metric of it", async () => {
  await using agent = await Agent.start({ args: ["--output=none"] });
  agent.signal("SIGHUP");
  await until("it says so", () => /There is nothing to reload/.test(agent.stderr) || undefined);
  const metrics = await agent.metrics();
  deepEqual([metrics.has(SUCCESSFUL), metrics.has(SUCCEEDED_AT)], [false, false]);
  equal((await agent.stop()).code, 0);
});

kernelTest("without a file no package is loaded", async () => {
  await using configured = await Configured.create("output: none\n");
  const cache = `${configured.folder}/empty`;
  const main = `${checkout}/src/main.ts`;
  const start = (file: readonly string[]) => {
    const args = ["run", "--quiet", "--allow-all", "--cached-only", main, "--output=none"];
    const rest = ["--web.listen-address=127.0.0.1:0", "--duration=1ms", ...file];
    return run([Deno.execPath(), ...args, ...rest], {
      env: { ...inheritedEnvironment(), DENO_DIR: cache, NO_COLOR: "1" },
    });
  };
  const without = await start([]);
  equal(without.code, 0, without.stderr);
  const withFile = await start([`--config.file=${configured.path}`]);
  match(withFile.stderr, /npm package not found in cache/);
});

async function bodyless(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}
