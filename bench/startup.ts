/** How long the agent takes to be ready, and what it uses while nothing happens. @module */
import { agentCommand, inheritedEnvironment } from "../test/harness/agent.ts";
import { cpuSeconds, residentBytes } from "./process.ts";

/** One run of the agent with nothing asked of it. */
export interface IdleRun {
  /** From its start to the first answer of /readyz, in milliseconds. */
  readonly readyMs: number;
  /** CPU time in percent of a core, over the seconds it was left alone. */
  readonly cpuPercent: number;
  readonly residentMiB: number;
}

const PORT = 19_110;
const SETTLE_MS = 1000;

/** Starts the agent, waits until it is ready, leaves it alone for so many seconds, and stops it. */
export async function runIdle(idleSeconds: number): Promise<IdleRun> {
  const [program = "", ...args] = agentCommand();
  const start = performance.now();
  const child = new Deno.Command(program, {
    args: [...args, `--web.listen-address=127.0.0.1:${PORT}`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    clearEnv: true,
    env: inheritedEnvironment(),
  }).spawn();
  try {
    await connected();
    const readyMs = performance.now() - start;
    const ready = await fetch(`http://127.0.0.1:${PORT}/readyz`);
    if (!ready.ok) throw new Error(`The agent listens and is not ready: ${await ready.text()}`);
    await ready.body?.cancel();
    await delay(SETTLE_MS);
    const before = await cpuSeconds(child.pid);
    await delay(idleSeconds * 1000);
    const used = await cpuSeconds(child.pid) - before;
    return {
      readyMs,
      cpuPercent: 100 * used / idleSeconds,
      residentMiB: await residentBytes(child.pid) / 2 ** 20,
    };
  } finally {
    child.kill("SIGINT");
    await child.status;
  }
}

/** It listens when its probes are attached, and answers from then on. */
async function connected(): Promise<void> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port: PORT })).close();
      return;
    } catch {
      await delay(2);
    }
  }
  throw new Error("The agent was not ready within 20 s");
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
