/** The command `run`: an agent until a signal, the end of its time, or of its reader. @module */
import { runAgent } from "../agent.ts";
import type { Config } from "../config.ts";
import { ignoreSigusr1 } from "../kernel/signals.ts";
import { createLog } from "../log.ts";
import { Reloader } from "../reload.ts";
import { logLayout } from "../systemd.ts";
import { after } from "../timer.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Serves until SIGINT or SIGTERM (also where they were ignored at the start), or `--duration`. SIGHUP
 * has the configuration read anew.
 */
export async function run(config: Config, read: () => Promise<Config>): Promise<void> {
  ignoreSigusr1();
  if (Deno.stderr.isTerminal()) greet();
  using stack = new DisposableStack();
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, onSignal);
    stack.defer(() => Deno.removeSignalListener(signal, onSignal));
  }
  if (config.durationMs !== undefined) stack.use(after(config.durationMs, onSignal));
  const format = logLayout(config.log.format, Deno.env.toObject());
  const log = createLog({ ...config.log, format });
  if (config.configFile !== undefined) {
    log.info("The configuration is read", { file: config.configFile, rules: config.rules.length });
  }
  const reloader = new Reloader({ config, read, log });
  const onReload = () => reloader.request();
  Deno.addSignalListener("SIGHUP", onReload);
  stack.defer(() => Deno.removeSignalListener("SIGHUP", onReload));
  await runAgent(config, { log, reloader, stop });
}

function greet(): void {
  const line = "Monitoring process creation, program execution and file opens... " +
    "Press Ctrl+C to exit.\n";
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}
