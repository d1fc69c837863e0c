/** Runs the generator under an agent, from a first scrape to the agent's end. @module */
import { Agent, type AgentEnd, type AgentOptions } from "./agent.ts";
import { parseEvents } from "./events.ts";
import type { JsonEvent } from "./expected.ts";
import { type FinalLedger, finalLedger } from "./final_ledger.ts";
import { Load, type Run } from "./load.ts";
import type { Metrics } from "./metrics.ts";

export interface Recording {
  readonly run: Run;
  /** All that was delivered, in order; none where the output was not JSON. */
  readonly events: readonly JsonEvent[];
  readonly before: Metrics;
  readonly after: Metrics;
  readonly ledger: FinalLedger;
  readonly end: AgentEnd;
  readonly agentPid: number;
  /** The generator's folder, which is no longer there. */
  readonly folder: string;
}

export interface RecordOptions extends AgentOptions {
  readonly output?: "json" | "text";
  /** Made in the generator's folder. */
  readonly folders?: readonly string[];
}

/** Records what an agent tells of the generator's operations, as JSON where not told otherwise. */
export async function record(
  operations: readonly string[],
  options: RecordOptions = {},
): Promise<Recording> {
  await using load = await Load.create();
  for (const folder of options.folders ?? []) {
    await Deno.mkdir(`${load.folder}/${folder}`, { recursive: true });
  }
  await using agent = await Agent.start({
    ...options,
    args: [`--output=${options.output ?? "json"}`, ...(options.args ?? [])],
    stdout: "collected",
  });
  const before = await agent.metrics();
  const run = await load.run(...operations);
  const after = await agent.metrics();
  const end = await agent.stop();
  return {
    run,
    events: end.stdout[0] === 0x7b ? parseEvents(end.stdout) : [],
    before,
    after,
    ledger: finalLedger(end.stderr),
    end,
    agentPid: agent.pid,
    folder: load.folder,
  };
}
