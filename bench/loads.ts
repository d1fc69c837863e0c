/** The load generators: compiled once, run at a rate or as fast as can be, always for a bounded time. @module */
import { runProgram } from "./tools/running.ts";

/** What one run of a generator did. */
export interface Done {
  readonly count: number;
  readonly seconds: number;
}

/** Delays in microseconds. */
export interface Delays {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** Options of a generator, as bench/load/load.h reads them. */
export type LoadOptions = Readonly<Record<string, string | number>>;

const SOURCE = new URL("load/", import.meta.url).pathname;
const PROGRAMS = ["opens", "execs", "getppid", "wakeups", "latency", "scrapes"];

/** The file that is opened and closed: short, and there on every system. */
export const OPENED = "/etc/hostname";

/** Generators in a folder. */
export class Loads {
  /** Where they are. */
  readonly folder: string;
  /** The CPU that a single generator stays on. */
  readonly cpu = navigator.hardwareConcurrency - 1;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Compiles the generators where their source is newer. */
  static async compile(folder: string): Promise<Loads> {
    await Deno.mkdir(folder, { recursive: true });
    const warnings = ["-O2", "-Wall", "-Wextra"];
    for (const name of PROGRAMS) await compileOne(folder, name, name, warnings);
    await compileOne(folder, "nothing", "nothing", [...warnings, "-static", "-nostdlib"]);
    const shared = [...warnings, "-shared", "-fPIC", "-ldl"];
    await compileOne(folder, "no_wakeups", "no_wakeups.so", shared);
    return new Loads(folder);
  }

  /** One generator on the last CPU. */
  async run(program: string, options: LoadOptions): Promise<Done> {
    return JSON.parse(await this.#run(program, { cpu: this.cpu, ...options }));
  }

  /** One generator on each CPU; what they did in all. */
  async runOnAllCpus(program: string, options: LoadOptions): Promise<Done> {
    const cpus = Array.from({ length: navigator.hardwareConcurrency }, (_, cpu) => cpu);
    const all = await Promise.all(cpus.map((cpu) => this.run(program, { ...options, cpu })));
    return {
      count: all.reduce((sum, { count }) => sum + count, 0),
      seconds: Math.max(...all.map(({ seconds }) => seconds)),
    };
  }

  /** Runs the tiniest program, with arguments. */
  execs(options: LoadOptions): Promise<Done> {
    return this.run("execs", { program: `${this.folder}/nothing`, ...options });
  }

  /** Asks a server for a page at a rate. */
  async scrapes(options: LoadOptions): Promise<Delays> {
    return JSON.parse(await this.#run("scrapes", options));
  }

  /** Reads what a tool prints into a named pipe, to its end; the delays of each phase of opens. */
  async latencies(pipe: string): Promise<readonly Delays[]> {
    return JSON.parse(await runProgram([`${this.folder}/latency`, pipe]));
  }

  /** What makes a tool's perf buffers wake it rarely. */
  get withoutWakeups(): Readonly<Record<string, string>> {
    return { LD_PRELOAD: `${this.folder}/no_wakeups.so` };
  }

  #run(program: string, options: LoadOptions): Promise<string> {
    const args = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    return runProgram([`${this.folder}/${program}`, ...args]);
  }
}

async function compileOne(
  folder: string,
  source: string,
  made: string,
  options: readonly string[],
): Promise<void> {
  const newest = Math.max(
    ...[`${source}.c`, "load.h"].map((name) => Number(Deno.statSync(SOURCE + name).mtime)),
  );
  const built = await Deno.stat(`${folder}/${made}`).catch(() => undefined);
  if (built && Number(built.mtime) > newest) return;
  await runProgram(["gcc", ...options, "-o", `${folder}/${made}`, `${SOURCE}${source}.c`]);
}
