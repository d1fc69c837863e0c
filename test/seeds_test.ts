/** What the System Monitor printed and what the Security Agent counted, done by real programs. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { encodeHex, encodeText } from "./harness/bytes.ts";
import { kernelTest } from "./harness/kernel.ts";
import { Load, LOAD_NAME } from "./harness/load.ts";
import { sample } from "./harness/metrics.ts";
import { output } from "./harness/process.ts";
import { record } from "./harness/recording.ts";
import { textLines } from "./harness/text.ts";

kernelTest("the System Monitor's lines, to the letter", async () => {
  const { run, end, folder } = await record(["clones", "open=0:66696c65"], {
    output: "text",
  });
  const lines = textLines(end.stdout);
  const first = run.deeds[0];
  assert.ok(first);
  const clones = lines.filter((line) =>
    line === `Process eagent-load (PID: ${run.pid}, PPID: ${first.ppid}) called sys_clone`
  );
  assert.equal(clones.length, run.deeds.filter(({ did }) => did === "fork").length);
  const opened = new RegExp(
    `^\\[\\d{10}\\.\\d{6}\\] Process eagent-load \\(PID: ${run.pid}\\) opened file: file$`,
  );
  assert.equal(lines.filter((line) => opened.test(line)).length, 2, "from both threads");
  assert.ok(
    lines.some((line) =>
      line.endsWith(
        ` Process eagent-load (PID: ${run.pid}, PPID: ${first.ppid}) executed: ` +
          `${folder}/eagent-load ${folder} clones open=0:66696c65`,
      )
    ),
    "the generator's own execution",
  );
});

kernelTest("the other text lines, to the letter", async () => {
  const { run, end, folder } = await record(
    ["open=0:6d697373696e67", "refused-execs", "users", "execs"],
    { output: "text" },
  );
  const lines = textLines(end.stdout);
  const time = "\\[\\d{10}\\.\\d{6}\\]";
  const ppid = run.deeds[0]?.ppid;
  const self = `Process eagent-load \\(PID: ${run.pid}, PPID: ${ppid}\\)`;
  const change = run.deeds.find((deed) => deed.did === "setuid");
  for (
    const pattern of [
      `${time} Process eagent-load \\(PID: ${run.pid}\\) could not open file: missing \\(ENOENT\\)`,
      `${time} ${self} could not execute: ${folder}/missing \\(ENOENT\\)`,
      `${time} ${self} could not execute: file \\(EACCES\\)`,
      `${time} Process eagent-load \\(PID: ${change?.pid}, PPID: ${run.pid}\\) changed user: 0 -> 65534`,
      `${time} Process eagent-load \\(PID: \\d+, PPID: ${run.pid}\\) executed: ` +
      `${folder}/eagent-load noop two words   tab\\\\x09here`,
      `${time} Process eagent-load \\(PID: \\d+, PPID: ${run.pid}\\) executed: ` +
      `${folder}/eagent-load noop c{10000} d+\\\\\\.\\.\\.`,
    ]
  ) {
    assert.ok(lines.some((line) => new RegExp(`^${pattern}$`).test(line)), `no line is ${pattern}`);
  }
});

kernelTest("the Security Agent's counters rise by exactly what was done", async () => {
  await using load = await Load.create();
  const { folder } = load;
  await makePrograms(folder);
  await using agent = await Agent.start({
    args: ["--events=exec", ...NAMES.map((name) => `--filter.comm=${name}`)],
  });
  const opens = (flags: number, path: string) =>
    [`${folder}/seeds-load`, folder, `open=${flags}:${encodeHex(encodeText(path))}`] as const;
  const neither = { sudo: 0, passwd: 0 };
  const sudo = { sudo: 1, passwd: 0 };
  const passwd = { sudo: 0, passwd: 1 };
  const steps: readonly (readonly [string, readonly string[], Omit<Rise, "exec">])[] = [
    ["ls", [`${folder}/seeds-ls`, folder], neither],
    ["a program named sudo", [`${folder}/bin/sudo`], sudo],
    ["a symlink named sudo", [`${folder}/sudo`], sudo],
    ["a file named sudo by another name", [`${folder}/alias-of-sudo`], sudo],
    ["a script named sudo", [`${folder}/scripts/sudo`], sudo],
    ["a program named visudo", [`${folder}/bin/visudo`], neither],
    ["a program in a folder named sudo", [`${folder}/directory/sudo/seeds-true`], neither],
    ["cat /etc/passwd", [`${folder}/seeds-cat`, "/etc/passwd"], passwd],
    ["head /etc/../etc/passwd", [`${folder}/seeds-head`, "/etc/../etc/passwd"], passwd],
    ["through a symlink", opens(0, `${folder}/link-to-passwd`), passwd],
    ["to read and write", opens(2, "/etc/passwd"), passwd],
    ["to write", opens(1, "/etc/passwd"), neither],
    ["as a path alone (O_PATH)", opens(0o10000000, "/etc/passwd"), neither],
    ["another file named etc/passwd", opens(0, `${folder}/etc/passwd`), neither],
    ["a file beneath it", opens(0, "/etc/passwd/none"), neither],
  ];
  for (const [what, command, rise] of steps) {
    const before = await counters(agent);
    await output(command);
    const after = await counters(agent);
    const risen = {
      exec: after.exec - before.exec,
      sudo: after.sudo - before.sudo,
      passwd: after.passwd - before.passwd,
    };
    assert.deepEqual(risen, { exec: 1, ...rise }, what);
  }
});

/** What the steps' programs are called; but for sudo, nobody else's are. */
const NAMES = [
  "seeds-ls",
  "seeds-true",
  "seeds-cat",
  "seeds-head",
  "seeds-load",
  "sudo",
  "alias-of-sudo",
  "visudo",
];

async function makePrograms(folder: string): Promise<void> {
  for (const name of ["ls", "cat", "head"]) {
    await Deno.symlink(`/usr/bin/${name}`, `${folder}/seeds-${name}`);
  }
  await Deno.symlink(LOAD_NAME, `${folder}/seeds-load`);
  await Deno.mkdir(`${folder}/bin`);
  await Deno.copyFile("/usr/bin/true", `${folder}/bin/sudo`);
  await Deno.symlink("/usr/bin/true", `${folder}/sudo`);
  await Deno.symlink("bin/sudo", `${folder}/alias-of-sudo`);
  await Deno.writeTextFile(`${folder}/bin/visudo`, "#!/usr/bin/true\n", { mode: 0o755 });
  await Deno.mkdir(`${folder}/scripts`);
  await Deno.writeTextFile(`${folder}/scripts/sudo`, "#!/usr/bin/true\n", { mode: 0o755 });
  await Deno.mkdir(`${folder}/directory/sudo`, { recursive: true });
  await Deno.copyFile("/usr/bin/true", `${folder}/directory/sudo/seeds-true`);
  await Deno.symlink("/etc/passwd", `${folder}/link-to-passwd`);
  await Deno.mkdir(`${folder}/etc`);
  await Deno.copyFile("/etc/passwd", `${folder}/etc/passwd`);
}

kernelTest("the counters are there from the first scrape", async () => {
  await using agent = await Agent.start({ args: ["--output=none"] });
  const metrics = await agent.metrics();
  for (const name of COUNTERS) assert.ok(sample(metrics, name) >= 0, name);
});

const COUNTERS = [
  "sys_clone_calls_total",
  "sys_openat_calls_total",
  "ebpf_exec_events_total",
  "ebpf_sudo_events_total",
  "ebpf_passwd_read_events_total",
];

interface Rise {
  readonly exec: number;
  readonly sudo: number;
  readonly passwd: number;
}

/** Of executions those that the filters let through: others on the machine execute programs too. */
async function counters(agent: Agent): Promise<Rise> {
  const metrics = await agent.metrics();
  const filtered = sample(metrics, "ebpf_agent_events_filtered_total", { event: "exec" });
  return {
    exec: sample(metrics, "ebpf_exec_events_total") - filtered,
    sudo: sample(metrics, "ebpf_sudo_events_total"),
    passwd: sample(metrics, "ebpf_passwd_read_events_total"),
  };
}
