/** The agent, with everything on that is on by default. @module */
import { delay } from "../process.ts";
import { parseMetrics, sample } from "../../test/harness/metrics.ts";
import { inheritedEnvironment } from "../../test/harness/agent.ts";
import { type Running, startProgram } from "./running.ts";
import type { RunningTool, Tool } from "./tool.ts";

/** What the agent is called in the tables, by its format. */
export const TEXT = "agent, text";
export const JSON_LINES = "agent, JSON";

/** What the agent has counted of opens, by its own metrics. */
export interface OpenCounts {
  readonly seen: number;
  readonly emitted: number;
  /** Events that did not become a line: lost, missed by the kernel, or dropped. */
  readonly lost: number;
}

/** The agent, printing in one format. */
export function agentTool(
  name: string,
  command: readonly string[],
  options: readonly string[] = [],
): Tool {
  return {
    name,
    async start(stdout): Promise<RunningTool> {
      const port = freePort();
      const listen = `--web.listen-address=127.0.0.1:${port}`;
      const running = startProgram([...command, "run", listen, ...options], {
        stdout,
        env: { ...inheritedEnvironment(), DENO_NO_UPDATE_CHECK: "1" },
      });
      await ready(running, port);
      const stop = () => running.stop();
      return {
        pids: [running.pid],
        output: stdout,
        url: `http://127.0.0.1:${port}`,
        stop,
        [Symbol.asyncDispose]: async () => void await stop(),
      };
    },
  };
}

/** Asks a running agent what it has counted. */
export async function openCounts(url: string): Promise<OpenCounts> {
  const response = await fetch(`${url}/metrics`);
  const metrics = parseMetrics(await response.text());
  const of = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    sample(metrics, `ebpf_agent_events_${name}_total`, { event: "open", ...labels });
  return {
    seen: of("seen"),
    emitted: of("emitted", { output: "stdout" }),
    lost: of("lost") + of("missed") + of("dropped", { output: "stdout" }),
  };
}

/** Waits until everything that was seen has become a line or was given up. */
export async function settledCounts(url: string): Promise<OpenCounts> {
  let counts = await openCounts(url);
  for (let look = 0; look < 20; look++) {
    await delay(50);
    const next = await openCounts(url);
    if (next.emitted === counts.emitted && next.seen === counts.seen) return next;
    counts = next;
  }
  return counts;
}

/** Whether the agent found at its end that its ledger closes. */
export function closed(stderr: string): boolean {
  return stderr.includes("The ledger closes");
}

/** Until it listens, and is ready by its own word. */
async function ready(running: Running, port: number): Promise<void> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline;) {
    running.assertAlive();
    try {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // It does not listen yet.
    }
    await delay(5);
  }
  throw new Error(`Cannot use "${running.command}": it was not ready within 20 s`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
