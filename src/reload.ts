/** Takes a changed configuration over while the agent runs: all of it, or nothing. @module */
import type { RunOptionName } from "./cli/options.ts";
import type { Config } from "./config.ts";
import { usageError } from "./errors.ts";
import type { Log } from "./log.ts";

/** What became of the configuration, for its metrics. */
export interface ReloadState {
  /** Undefined where none was ever read. */
  readonly successful: boolean | undefined;
  /** When one was last taken over, at the start or by a reload, in milliseconds since the epoch. */
  readonly succeededAtMs: number | undefined;
}

/** Who is told that a reload begins and has ended. */
export interface ReloadListener {
  reloading(): void;
  ready(status: string): void;
}

export interface ReloaderOptions {
  /** What the agent started with. */
  readonly config: Config;
  /** Reads it anew; throws an AgentError where it is wrong. */
  readonly read: () => Promise<Config>;
  readonly log: Log;
  readonly now?: () => number;
}

/** Serves one reload after the other. What is asked for meanwhile is one more, with the last content. */
export class Reloader {
  readonly #read: () => Promise<Config>;
  readonly #log: Log;
  readonly #now: () => number;
  #running: Config;
  #state: ReloadState;
  #wanted = false;
  #serve: ((next: Config) => void | Promise<void>) | undefined;
  #listener: ReloadListener | undefined;
  #busy = false;
  #work: Promise<void> | undefined;

  constructor({ config, read, log, now = Date.now }: ReloaderOptions) {
    this.#read = read;
    this.#log = log;
    this.#now = now;
    this.#running = config;
    const loaded = config.configFile !== undefined;
    this.#state = {
      successful: loaded ? true : undefined,
      succeededAtMs: loaded ? now() : undefined,
    };
  }

  get state(): ReloadState {
    return this.#state;
  }

  /** Asks for a reload. Before {@link serve} it waits for that. */
  request(): void {
    this.#wanted = true;
    if (!this.#busy) this.#work = this.#run();
  }

  /**
   * From here on reloads are served: `apply` takes over what {@link LIVE_SETTINGS} and the rules are.
   * Where it throws, everything has to be as before.
   */
  serve(apply: (next: Config) => void | Promise<void>, listener: ReloadListener): void {
    this.#serve = apply;
    this.#listener = listener;
    if (this.#wanted) this.request();
  }

  /** Serves no more; resolves when a reload that is under way has ended. */
  async stop(): Promise<void> {
    this.#serve = undefined;
    await this.#work;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#wanted && this.#serve !== undefined) {
      this.#wanted = false;
      this.#listener?.reloading();
      const status = await this.#reload(this.#serve);
      this.#listener?.ready(status);
    }
    this.#busy = false;
  }

  /** Says what became of it. */
  async #reload(apply: (next: Config) => void | Promise<void>): Promise<string> {
    try {
      const next = await this.#read();
      const { configFile, rules } = next;
      if (configFile === undefined && this.#running.configFile === undefined) {
        this.#log.info("There is nothing to reload: there is no configuration file");
        return "There was nothing to reload";
      }
      refuse(this.#running, next);
      await apply(next);
      this.#running = next;
      this.#state = { successful: true, succeededAtMs: this.#now() };
      this.#log.info("The configuration is reloaded", {
        file: configFile ?? "",
        rules: rules.length,
      });
      return "The configuration is reloaded";
    } catch (error) {
      this.#state = { ...this.#state, successful: false };
      this.#log.error(`${REFUSED}, because:`);
      const because = error instanceof Error ? error.message : String(error);
      for (const line of because.split("\n")) this.#log.error(line);
      return REFUSED;
    }
  }
}

const REFUSED = "Cannot reload the configuration: the one before stays";

/** Settings that a reload changes, beside the rules. */
export const LIVE_SETTINGS: readonly RunOptionName[] = ["log.level", "poll.interval"];

/** Settings that have other values in one configuration than in the other, in the order of options. */
export function differingSettings(one: Config, other: Config): readonly RunOptionName[] {
  const differs = (value: (config: Config) => unknown) =>
    JSON.stringify(value(one)) !== JSON.stringify(value(other));
  return SETTINGS.filter(([, value]) => differs(value)).map(([name]) => name);
}

const VALUES: Readonly<Record<RunOptionName, (config: Config) => unknown>> = {
  "config.file": ({ configFile }) => configFile,
  events: ({ events }) => events,
  output: ({ output }) => output,
  "filter.comm": ({ filter }) => filter.comm,
  "filter.uid": ({ filter }) => filter.uid,
  "filter.pid": ({ filter }) => filter.pid,
  args: ({ args }) => args,
  "web.listen-address": ({ listen }) => listen,
  "web.telemetry-path": ({ telemetryPath }) => telemetryPath,
  "poll.interval": ({ pollIntervalMs }) => pollIntervalMs,
  transport: ({ transport }) => transport,
  "ring.pages": ({ ringPages }) => ringPages,
  "bpf.stats": ({ bpfStats }) => bpfStats,
  duration: ({ durationMs }) => durationMs,
  "log.level": ({ log }) => log.level,
  "log.format": ({ log }) => log.format,
  "probe.exec": ({ probes }) => probes.exec,
  "probe.clone": ({ probes }) => probes.clone,
  "probe.open": ({ probes }) => probes.open,
  "probe.privilege": ({ probes }) => probes.privilege,
};

// Object.entries() loses the type of the names.
const SETTINGS = Object.entries(VALUES) as [RunOptionName, (config: Config) => unknown][];

/** Throws a usage error where something differs that only a start can change. */
function refuse(running: Config, next: Config): void {
  if (next.configFile === undefined) {
    throw usageError(`${running.configFile} is not there any more`);
  }
  const fixed = differingSettings(running, next)
    .filter((name) => name !== "config.file" && !LIVE_SETTINGS.includes(name));
  if (fixed.length === 0) return;
  const names = fixed.map((name) => `"${name}"`).join(", ");
  const them = fixed.length === 1 ? "it" : "them";
  throw usageError(
    `${next.configFile}: ${names} cannot change while the agent runs; ` +
      `restart the service to change ${them}`,
  );
}
