/** The audit daemon with laurel behind it, in a folder of their own. @module */
import { cpuSeconds, delay } from "../process.ts";
import { onEnd, runProgram, startProgram } from "./running.ts";
import type { RunningTool, Tool } from "./tool.ts";

export const AUDIT = "auditd with laurel";

const RULE = ["-a", "always,exit", "-F", "arch=b64", "-S", "execve,execveat", "-k", "bench"];
/**
 * Once auditing was ever on, the kernel sends every system call of new processes the long way round,
 * auditing or not. This rule spares them that.
 */
const SPARE_NEW_TASKS = ["-a", "never,task"];

/** Records every exec; what comes out is laurel's log. */
export class Audit implements Tool {
  readonly name = AUDIT;
  readonly #unpacked: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(unpacked: string) {
    this.#unpacked = unpacked;
    const folders = ["lib", "usr/lib"].map((name) => `${unpacked}/${name}/${TRIPLET}`);
    this.#env = { LD_LIBRARY_PATH: folders.join(":") };
  }

  /** Why it cannot be used here, where it cannot. */
  async unavailable(): Promise<string | undefined> {
    try {
      await Deno.stat(`${this.#unpacked}/sbin/auditd`);
      await Deno.stat(`${this.#unpacked}/usr/sbin/laurel`);
      const status = await this.#control("-s");
      if (!/^pid 0$/m.test(status)) return "another audit daemon is running, and is left alone";
      const rules = (await this.#control("-l")).trim();
      if (!/^(No rules|-a never,task)$/.test(rules)) {
        return "this machine has audit rules, which are left alone";
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message.split("\n")[0] : String(error);
    }
  }

  async start(output: string): Promise<RunningTool> {
    const folder = await this.#configure();
    const log = `${folder}/laurel.log`;
    const daemon = startProgram([`${this.#unpacked}/sbin/auditd`, "-n", "-c", folder], {
      stdout: "/dev/null",
      env: this.#env,
    });
    let stopped: Promise<string> | undefined;
    const stop = () => stopped ??= this.#stop(() => daemon.stop("SIGTERM"), folder, output, log);
    const forget = onEnd(async () => void await stop());
    while (!(await this.#control("-s")).includes(`\npid ${daemon.pid}\n`)) {
      daemon.assertAlive();
      await delay(50);
    }
    await this.#control("-D");
    await this.#control("-b", "8192");
    await this.#control(...RULE);
    await delay(300);
    return {
      pids: [daemon.pid, ...childrenOf(daemon.pid), ...kauditd()],
      output: log,
      stop: () => stop().finally(forget),
      [Symbol.asyncDispose]: async () => void await stop().finally(forget),
    };
  }

  async #configure(): Promise<string> {
    const folder = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "bench-audit-" });
    await Deno.mkdir(`${folder}/plugins.d`, { mode: 0o750 });
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o640 });
    await write(
      "auditd.conf",
      DAEMON.map((line) => line.replace("FOLDER", folder)).join("\n") + "\n",
    );
    await write(
      "plugins.d/laurel.conf",
      "active = yes\ndirection = out\ntype = always\nformat = string\n" +
        `path = ${this.#unpacked}/usr/sbin/laurel\nargs = --config ${folder}/laurel.toml\n`,
    );
    await write(
      "laurel.toml",
      `directory = "${folder}"\n[auditlog]\nfile = "laurel.log"\nsize = 1000000000\n` +
        `[transform]\nexecve-argv = ["array"]\n`,
    );
    return folder;
  }

  async #stop(
    daemon: () => Promise<string>,
    folder: string,
    output: string,
    log: string,
  ): Promise<string> {
    await this.#control("-D");
    await this.#control(...SPARE_NEW_TASKS);
    const stderr = await daemon();
    await this.#control("-e", "0");
    if (output !== "/dev/null") await Deno.copyFile(log, output).catch(() => {});
    await Deno.remove(folder, { recursive: true });
    return stderr;
  }

  #control(...args: readonly string[]): Promise<string> {
    return runProgram([`${this.#unpacked}/sbin/auditctl`, ...args], this.#env);
  }
}

const TRIPLET = `${Deno.build.arch}-linux-gnu`;

/** As Debian has it, but for the folders, rotation and what becomes of a full disk. */
const DAEMON = [
  "local_events = yes",
  "write_logs = yes",
  "log_file = FOLDER/audit.log",
  "log_group = root",
  "log_format = ENRICHED",
  "flush = INCREMENTAL_ASYNC",
  "freq = 50",
  "max_log_file = 1000",
  "max_log_file_action = IGNORE",
  "priority_boost = 4",
  "name_format = NONE",
  "space_left = 75",
  "space_left_action = IGNORE",
  "admin_space_left = 50",
  "admin_space_left_action = IGNORE",
  "disk_full_action = IGNORE",
  "disk_error_action = IGNORE",
  "use_libwrap = no",
  "distribute_network = no",
  "q_depth = 2000",
  "overflow_action = IGNORE",
  "plugin_dir = FOLDER/plugins.d",
  "end_of_event_timeout = 2",
];

function childrenOf(pid: number): readonly number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  return text.split(" ").filter((word) => word !== "").map(Number);
}

/** The kernel's own thread, whose CPU time is the tool's as well. */
function kauditd(): readonly number[] {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${name}/comm`) !== "kauditd\n") continue;
      cpuSeconds([Number(name)]);
      return [Number(name)];
    } catch {
      // A process that has ended.
    }
  }
  return [];
}
