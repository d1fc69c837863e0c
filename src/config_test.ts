import { deepEqual, equal, throws } from "node:assert/strict";
import { parseCommandLine } from "./cli/flags.ts";
import { FILE_OPTIONS, RUN_OPTIONS } from "./cli/options.ts";
import type { Environment } from "./cli/settings.ts";
import { type Config, loadConfig } from "./config.ts";
import { filesOf } from "./config_file/files_fixture.ts";
import { loadConfigFile } from "./config_file/load.ts";
import { AgentError, EXIT } from "./errors.ts";
import { EVENT_KINDS } from "./events/kinds.ts";

const DEFAULTS: Omit<Config, "sources"> = {
  listen: [{ host: "127.0.0.1", port: 9110 }],
  telemetryPath: "/metrics",
  events: ["exec", "clone", "open", "privilege"],
  output: "text",
  filter: { comm: [], uid: [], pid: [] },
  args: "full",
  pollIntervalMs: 1000,
  transport: "auto",
  ringPages: undefined,
  bpfStats: false,
  durationMs: undefined,
  probes: { exec: undefined, clone: undefined, open: undefined, privilege: undefined },
  rules: [],
  configFile: undefined,
  recording: undefined,
  log: { level: "info", format: "text" },
};

function load(
  args: readonly string[],
  environment: Environment = {},
  yaml?: string,
  recording?: Config["recording"],
): Config {
  const invocation = parseCommandLine(args);
  if (invocation.command !== "run") throw new Error(`${args} asks for ${invocation.command}`);
  const file = yaml === undefined
    ? undefined
    : loadConfigFile("c.yaml", filesOf({ "c.yaml": yaml }));
  return loadConfig(invocation.flags, environment, { file, recording });
}

Deno.test("loadConfig() has the documented defaults, and says that they are", () => {
  const { sources, ...values } = load([], { PATH: "/bin", EBPF: "x", ebpf_agent_events: "x" });
  deepEqual(values, DEFAULTS);
  deepEqual(sources, Object.fromEntries(RUN_OPTIONS.map(({ name }) => [name, "default"])));
});

/** Each option as a user writes it, and what becomes of it. */
const EACH: readonly (readonly [name: string, value: string, Partial<Config>])[] = [
  ["web.listen-address", ":3000", { listen: [{ host: undefined, port: 3000 }] }],
  ["web.telemetry-path", "/m", { telemetryPath: "/m" }],
  ["events", "open,exec", { events: ["exec", "open"] }],
  ["events", "none", { events: [] }],
  ["output", "json", { output: "json" }],
  ["filter.comm", "bash", { filter: { ...DEFAULTS.filter, comm: ["bash"] } }],
  ["filter.uid", "4294967294", { filter: { ...DEFAULTS.filter, uid: [4294967294] } }],
  ["filter.pid", "4194304", { filter: { ...DEFAULTS.filter, pid: [4194304] } }],
  ["args", "none", { args: "none" }],
  ["poll.interval", "100ms", { pollIntervalMs: 100 }],
  ["transport", "ring", { transport: "ring" }],
  ["ring.pages", "8", { ringPages: 8 }],
  ["bpf.stats", "true", { bpfStats: true }],
  ["duration", "1ms", { durationMs: 1 }],
  ...EVENT_KINDS.map((event) =>
    [`probe.${event}`, "raw_tp", { probes: { ...DEFAULTS.probes, [event]: "raw_tp" } }] as const
  ),
  ["log.level", "debug", { log: { level: "debug", format: "text" } }],
  ["log.format", "json", { log: { level: "info", format: "json" } }],
];

Deno.test("loadConfig() takes each option from a flag, the environment and the file", () => {
  for (const [name, value, expected] of EACH) {
    const variable = `EBPF_AGENT_${name.toUpperCase().replace(/[.-]/g, "_")}`;
    const [word, section] = name.split(".").reverse();
    const yaml = section === undefined ? `${word}: ${value}` : `${section}:\n  ${word}: ${value}`;
    for (const source of ["flag", "environment", "file"] as const) {
      const { sources, configFile, ...values } = source === "flag"
        ? load([`--${name}=${value}`])
        : source === "environment"
        ? load([], { [variable]: value })
        : load([], {}, yaml);
      equal(configFile, source === "file" ? "c.yaml" : undefined);
      deepEqual(
        { ...values, configFile: undefined },
        { ...DEFAULTS, ...expected },
        `${name} by ${source}`,
      );
      deepEqual(
        Object.entries(sources).filter(([, from]) => from !== "default"),
        [[name, source]],
      );
    }
  }
  deepEqual(
    [...new Set(EACH.map(([name]) => name))].sort(),
    FILE_OPTIONS.map((option) => option.name).sort(),
  );
});

Deno.test("loadConfig() lets a flag beat the environment, whole", () => {
  const config = load(["--filter.uid=1", "--bpf.stats=false"], {
    EBPF_AGENT_FILTER_UID: "2,3",
    EBPF_AGENT_BPF_STATS: "true",
    EBPF_AGENT_OUTPUT: "none",
  });
  deepEqual(config.filter.uid, [1]);
  equal(config.bpfStats, false);
  equal(config.output, "none");
  equal(config.sources["filter.uid"], "flag");
  equal(config.sources["output"], "environment");
});

Deno.test("loadConfig() lets the environment beat the file, whole", () => {
  const config = load(["--output=none"], { EBPF_AGENT_FILTER_UID: "1" }, FILE);
  deepEqual(config.filter, { comm: ["a", "b"], uid: [1], pid: [] });
  equal(config.output, "none");
  equal(config.bpfStats, true);
  equal(config.configFile, "c.yaml");
  const { output, args } = config.sources;
  deepEqual([config.sources["filter.uid"], config.sources["filter.comm"], output, args], [
    "environment",
    "file",
    "flag",
    "default",
  ]);
});

const FILE = `
output: json
filter: { comm: [a, b], uid: [2, 3] }
bpf: { stats: true }
`;

Deno.test("loadConfig() takes the rules that are enabled", () => {
  const rules = "rules: [{name: a, on: exec}, {name: b, on: exec, enabled: false}]";
  deepEqual(load([], {}, rules).rules.map(({ name }) => name), ["a"]);
});

Deno.test("loadConfig() refuses rules that ask for arguments which stay in the kernel", () => {
  const rules = "rules:\n- {name: a, on: exec, args: x}\n";
  const message = (place: string) =>
    `c.yaml:2:10: the rule "a" asks for "args", and ${place} is "none"; take one of them away`;
  equal(load([], {}, rules).rules.length, 1);
  equal(load(["--args=none"], {}, rules.replace("x}", "x, enabled: false}")).rules.length, 0);
  const cases = [
    [() => load(["--args=none"], {}, rules), "--args"],
    [() => load([], { EBPF_AGENT_ARGS: "none" }, rules), "EBPF_AGENT_ARGS"],
    [() => load([], {}, `${rules}args: none`), "c.yaml:3:1: args"],
    [() => load(["--output=none"], {}, rules), "--output"],
    [() => load(["--args=none"], {}, rules, RECORDING), "--args"],
  ] as const;
  for (const [act, place] of cases) {
    throws(act, { message: message(place), exitCode: EXIT.usage });
  }
});

Deno.test("loadConfig() takes rules that ask for arguments where only a recording has them", () => {
  const rules = "rules: [{name: a, on: exec, args: x}]";
  const config = load(["--output=none"], {}, rules, RECORDING);
  deepEqual([config.rules.length, config.recording], [1, RECORDING]);
});

const RECORDING = { path: "r", maxSize: 2 ** 20, keep: 0 };

Deno.test("loadConfig() splits variables of repeatable options at commas, and flags never", () => {
  const { filter, listen } = load(["--filter.comm=a,b", "--filter.comm=c"], {
    EBPF_AGENT_FILTER_PID: "1, 2,1",
    EBPF_AGENT_WEB_LISTEN_ADDRESS: ":1,[::1]:2,:1",
  });
  deepEqual(filter, { comm: ["a,b", "c"], uid: [], pid: [1, 2] });
  deepEqual(listen, [{ host: undefined, port: 1 }, { host: "::1", port: 2 }]);
});

Deno.test("loadConfig() is frozen through and through", () => {
  const frozen = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    equal(Object.isFrozen(value), true, JSON.stringify(value));
    Object.values(value).forEach(frozen);
  };
  frozen(load(["--filter.uid=1"]));
});

Deno.test("loadConfig() names the flag or the variable that is wrong", () => {
  const cases: readonly (readonly [readonly string[], Environment, string])[] = [
    [
      ["--poll.interval=5"],
      {},
      '--poll.interval: "5" has no unit; write "5s" for seconds, or ms, m or h',
    ],
    [
      [],
      { EBPF_AGENT_POLL_INTERVAL: "99ms" },
      'EBPF_AGENT_POLL_INTERVAL: "99ms" is too short; the least is 100ms',
    ],
    [["--poll.interval=61m"], {}, '--poll.interval: "61m" is too long; the most is 1h'],
    [["--duration=0s"], {}, '--duration: "0s" is too short; the least is 1ms'],
    [
      ["--web.listen-address=:1", "--web.listen-address=x"],
      {},
      '--web.listen-address: "x" has no port; write "HOST:PORT", such as "127.0.0.1:9110"',
    ],
    [
      ["--filter.uid=4294967295"],
      {},
      '--filter.uid: "4294967295" is not a user id; write a whole number 0 to 4294967294',
    ],
    [
      ["--filter.pid=0"],
      {},
      '--filter.pid: "0" is not a process id; write a whole number 1 to 4194304',
    ],
    [["--output=xml"], {}, '--output: "xml" is none of text, json or none'],
    [["--args=ful"], {}, '--args: "ful" is none of full or none; did you mean "full"?'],
    [[], { EBPF_AGENT_BPF_STATS: "1" }, 'EBPF_AGENT_BPF_STATS: "1" is none of true or false'],
    [
      [],
      { EBPF_AGENT_OUTPUT: "" },
      "EBPF_AGENT_OUTPUT: the value is empty; give one, or leave it out",
    ],
    [
      [],
      { EBPF_AGENT_FILTER_UID: "1," },
      "EBPF_AGENT_FILTER_UID: the value is empty; give one, or leave it out",
    ],
    [
      [],
      { EBPF_AGENT_EVNTS: "exec" },
      "EBPF_AGENT_EVNTS: no setting has this name; did you mean EBPF_AGENT_EVENTS? (see ebpf-agent --help)",
    ],
    [
      ["--output=json"],
      { EBPF_AGENT_SETTINGS: "/x" },
      "EBPF_AGENT_SETTINGS: no setting has this name; unset it (see ebpf-agent --help)",
    ],
    [
      [],
      { EBPF_AGENT_CONFIG_FILE: "" },
      "EBPF_AGENT_CONFIG_FILE: the value is empty; give one, or leave it out",
    ],
    [
      [],
      { EBPF_AGENT_: "" },
      "EBPF_AGENT_: no setting has this name; unset it (see ebpf-agent --help)",
    ],
  ];
  for (const [args, environment, message] of cases) {
    throws(() => load(args, environment), (error) => {
      if (!(error instanceof AgentError)) return false;
      deepEqual([error.message, error.exitCode], [message, EXIT.usage]);
      return true;
    }, message);
  }
});
