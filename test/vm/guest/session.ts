/** One agent, the load it is given, and how what it told differs from what was done. @module */
import { Agent, type AgentEnd, type AgentOptions } from "../../harness/agent.ts";
import { at, compareWithRun, parseEvents } from "../../harness/events.ts";
import type { JsonEvent } from "../../harness/expected.ts";
import { type FinalLedger, finalLedger } from "../../harness/final_ledger.ts";
import { type Kind, KINDS, ledgerOf, type Row, violations } from "../../harness/ledger.ts";
import { Load, LOAD_NAME, type Run } from "../../harness/load.ts";
import { type Metrics, samples } from "../../harness/metrics.ts";
import { until } from "../../harness/process.ts";
import { blindnessOf } from "./blindness.ts";

export interface Plan extends AgentOptions {
  /** The generator's, one after the other. */
  readonly operations: readonly string[];
  /** What follows, one after the other. */
  readonly stages?: Readonly<Record<string, Stage>>;
}

/** Runs of the generator that do nothing but open. */
export type Stage = (load: Load, agent: Agent) => Promise<readonly Run[]>;

/** What became of a stage's opens; what was lost and missed is everybody's. */
export interface Opens {
  readonly done: number;
  readonly told: number;
  readonly lost: number;
  readonly missed: number;
}

/** How an agent's events differ from what was done. */
export interface Told {
  /** By kind, deeds without an event and events without a deed. */
  readonly differences: Readonly<Record<Kind, Difference>>;
  readonly stages: Readonly<Record<string, Opens>>;
  /** All that was delivered, in order of time. */
  readonly events: readonly JsonEvent[];
  /** The hooks in use. */
  readonly hooks: Readonly<Record<string, string>>;
  readonly metrics: Metrics;
  readonly ledger: FinalLedger;
  readonly end: AgentEnd;
}

export interface Difference {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** Runs the generator under an agent, from the agent's start to its end. */
export async function session(plan: Plan): Promise<Told> {
  const { operations, stages = {}, ...options } = plan;
  await using load = await Load.create();
  await using agent = await Agent.start({
    ...options,
    args: ["--output=json", ...(options.args ?? [])],
    stdout: "collected",
  });
  const run = await load.run(...operations);
  const staged: [string, StageResult][] = [];
  for (const [name, stage] of Object.entries(stages)) {
    staged.push([name, await runStage(stage, load, agent)]);
  }
  const metrics = await metricsAtRest(agent);
  const end = await agent.stop();
  const events = inOrder(parseEvents(end.stdout));
  const hooks = hooksIn(metrics);
  const difference = compareWithRun(events, run, blindnessOf(hooks));
  return {
    differences: Object.fromEntries(
      KINDS.map((kind) => [kind, differenceOf(kind, difference)]),
    ) as Told["differences"],
    stages: Object.fromEntries(staged.map(([name, result]) => [name, opensOf(result, events)])),
    events,
    hooks,
    metrics,
    ledger: finalLedger(end.stderr),
    end,
  };
}

/** What is still to be written as an agent stops would have to be within its time, which is short. */
function metricsAtRest(agent: Agent): Promise<Metrics> {
  return until("all that was told is written", async () => {
    const metrics = await agent.metrics();
    const ledger = ledgerOf(metrics);
    const rests = violations(ledger).length === 0 && KINDS.every((kind) => !ledger[kind].queued);
    return rests ? metrics : undefined;
  });
}

/** The hooks in use, and the rows of the ledger that tell of events missed. */
export function describeHooks({ hooks, end }: Told): string {
  const used = KINDS.map((kind) => `${kind} by ${hooks[kind] ?? "nothing"}`).join(", ");
  const missed = end.stderr.split("\n").filter((line) => /missed [1-9]/.test(line));
  return [used, ...missed].join("\n");
}

interface StageResult {
  readonly runs: readonly Run[];
  readonly before: Row;
  readonly after: Row;
}

async function runStage(stage: Stage, load: Load, agent: Agent): Promise<StageResult> {
  const before = ledgerOf(await agent.metrics()).open;
  const runs = await stage(load, agent);
  return { runs, before, after: ledgerOf(await agent.metrics()).open };
}

function opensOf({ runs, before, after }: StageResult, events: readonly JsonEvent[]): Opens {
  const pids = new Set(runs.map(({ pid }) => pid));
  const told = events.filter((event) =>
    actionOf(event) === ACTIONS.open && pids.has(Number(at(event, "process.pid"))) &&
    // Before its exec it was the test's, which may open as well.
    at(event, "process.name") === LOAD_NAME
  );
  const deeds = runs.flatMap(({ deeds }) => deeds.filter(({ did }) => did === "open"));
  return {
    done: runs.reduce((sum, { stormOpens }) => sum + stormOpens, deeds.length),
    told: told.length,
    lost: after.lost - before.lost,
    missed: after.missed - before.missed,
  };
}

/** Two CPUs' events stand in order only as far as both were read at once, which takes long here. */
function inOrder(events: readonly JsonEvent[]): readonly JsonEvent[] {
  return events.toSorted((a, b) => String(a["@timestamp"]) < String(b["@timestamp"]) ? -1 : 1);
}

const ACTIONS: Readonly<Record<Kind, string>> = {
  exec: "exec",
  clone: "fork",
  open: "open",
  privilege: "setuid",
};

function actionOf(event: JsonEvent): unknown {
  return at(event, "event.action");
}

function differenceOf(kind: Kind, { missing, unexpected }: Difference): Difference {
  const ofKind = (line: string) => actionOf(JSON.parse(line)) === ACTIONS[kind];
  return { missing: missing.filter(ofKind), unexpected: unexpected.filter(ofKind) };
}

function hooksIn(metrics: Metrics): Readonly<Record<string, string>> {
  const label = (labels: string, name: string) =>
    new RegExp(`${name}="(\\w+)"`).exec(labels)?.[1] ?? "";
  return Object.fromEntries(
    samples(metrics, "ebpf_agent_probe_attached").filter(([, value]) => value === 1)
      .map(([labels]) => [label(labels, "event"), label(labels, "hook")]),
  );
}
