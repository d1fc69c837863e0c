/** What every section of the benchmarks has in common. @module */
import { type Loads, OPENED } from "./loads.ts";
import { cpuSecondsFor } from "./process.ts";
import type { Samples } from "./samples.ts";
import type { Target } from "./targets.ts";
import type { Peers } from "./tools/peers.ts";
import type { RunningTool, Tool } from "./tools/tool.ts";

/** One subject, measured on its own. */
export interface Section {
  /** What it is called on the command line. */
  readonly name: string;
  readonly title: string;
  /** Whether it is run where no section is named. */
  readonly byDefault: boolean;
  run(bench: Bench): Promise<Samples>;
  /** Its part of the report, without the title. */
  render(samples: Samples): string;
  targets(samples: Samples): readonly Target[];
}

/** What a section measures with. */
export interface Bench {
  readonly rounds: number;
  readonly quick: boolean;
  readonly loads: Loads;
  readonly agent: AgentTools;
  readonly peers: Peers;
  /** A folder in memory for what tools print; emptied at the end. */
  readonly folder: string;
  say(text: string): void;
}

/** The agent as it is measured, in both formats; both ways to run it, where both are there. */
export interface AgentTools {
  readonly text: Tool;
  readonly json: Tool;
  readonly ways: readonly AgentWay[];
}

/** A way to run the agent. */
export interface AgentWay {
  readonly name: "compiled" | "from source";
  readonly command: readonly string[];
}

/** Nothing but the load itself, in the tables. */
export const UNTRACED = "nothing";

/** A wake-up for nearly each event: as many a second as an agent ever has, and for how long. */
const WAKE_UPS = 100;
const PACED_MS = 6000;

/** Shorter in a quick run. */
export function milliseconds(bench: Bench, full: number): number {
  return bench.quick ? Math.max(200, full / 4) : full;
}

/** Lets a tool come to full speed, as it is long before anybody looks: engines compile what is used. */
export async function warmUp({ loads, quick }: Bench, running: RunningTool): Promise<void> {
  await cpuSecondsFor(running.pids, async () => {
    await loads.run("opens", { count: 100_000, ms: 600, path: OPENED });
    // Told apart from those that are counted.
    await loads.execs({ count: 10_000, ms: quick ? 400 : 2000, last: "warm-up" });
  });
}

/**
 * The same, for what is measured at given rates: what an agent runs at each wake-up is compiled only
 * after some hundred of them, which a service has long behind it.
 */
export async function warmUpPaced(bench: Bench, running: RunningTool): Promise<void> {
  await warmUp(bench, running);
  const load = { rate: WAKE_UPS, ms: milliseconds(bench, PACED_MS), path: OPENED };
  await cpuSecondsFor(running.pids, () => bench.loads.run("opens", load));
}

/** Does something in each round, for each tool: A B C A B C. */
export async function interleaved(
  bench: Bench,
  tools: readonly Tool[],
  measure: (tool: Tool) => Promise<void>,
): Promise<void> {
  for (let round = 1; round <= bench.rounds; round++) {
    for (const tool of tools) {
      bench.say(`  round ${round} of ${bench.rounds}: ${tool.name}`);
      await measure(tool);
    }
  }
}
