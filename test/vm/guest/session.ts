/** One agent, the load it is given, and how what it told differs from what was done. @module */
import { Agent, type AgentEnd, type AgentOptions } from "../../harness/agent.ts";
import { encodeHex, encodeText } from "../../harness/bytes.ts";
import { at, compareWithRun, eventsOf, parseEvents } from "../../harness/events.ts";
import type { Blindness } from "../../harness/expected.ts";
import { type FinalLedger, finalLedger } from "../../harness/final_ledger.ts";
import { type Kind, KINDS } from "../../harness/ledger.ts";
import { Load, type Run } from "../../harness/load.ts";
import { type Metrics, samples } from "../../harness/metrics.ts";

export interface Plan extends AgentOptions {
  /** The generator's, one after the other. */
  readonly operations: readonly string[];
  readonly blind?: Blindness;
  /** What follows while the agent goes on: runs that do nothing but open. */
  readonly opens?: (load: Load, agent: Agent) => Promise<readonly Run[]>;
}

/** How an agent's events differ from what was done. */
export interface Told {
  /** By kind, deeds without an event and events without a deed. */
  readonly differences: Readonly<Record<Kind, { missing: string[]; unexpected: string[] }>>;
  /** Opens of the further runs: how many were done, and how many told. */
  readonly opens: { readonly done: number; readonly told: number };
  /** The hooks in use. */
  readonly hooks: Readonly<Record<string, string>>;
  readonly metrics: Metrics;
  readonly ledger: FinalLedger;
  readonly end: AgentEnd;
}

/** Runs the generator under an agent, from the agent's start to its end. */
export async function session({ operations, opens, blind, ...options }: Plan): Promise<Told> {
  await using load = await Load.create();
  await using agent = await Agent.start({
    ...options,
    args: ["--output=json", ...(options.args ?? [])],
    stdout: "collected",
  });
  const run = await load.run(...operations);
  const further = await opens?.(load, agent) ?? [];
  const metrics = await agent.metrics();
  const end = await agent.stop();
  const events = parseEvents(end.stdout);
  const { missing, unexpected } = compareWithRun(events, run, blind);
  const of = (kind: Kind) => ({
    missing: missing.filter((line) => isOf(kind, line)),
    unexpected: unexpected.filter((line) => isOf(kind, line)),
  });
  const told = further.flatMap((one) => eventsOf(events, one).filter((event) => isOpen(event)));
  return {
    differences: {
      exec: of("exec"),
      clone: of("clone"),
      open: of("open"),
      privilege: of("privilege"),
    },
    opens: { done: further.reduce((sum, one) => sum + opensOf(one), 0), told: told.length },
    hooks: hooksIn(metrics),
    metrics,
    ledger: finalLedger(end.stderr),
    end,
  };
}

/** Several processes on each CPU, all of which open at once. */
export function crowd(load: Load): Promise<readonly Run[]> {
  return Promise.all(Array.from({ length: 6 }, () => load.run("burst=1500")));
}

/** A path as the generator takes it. */
export function hexPath(path: string): string {
  return encodeHex(encodeText(path));
}

const ACTIONS: Readonly<Record<Kind, string>> = {
  exec: "exec",
  clone: "fork",
  open: "open",
  privilege: "setuid",
};

function isOf(kind: Kind, line: string): boolean {
  return at(JSON.parse(line), "event.action") === ACTIONS[kind];
}

function isOpen(event: Readonly<Record<string, unknown>>): boolean {
  return at(event, "event.action") === ACTIONS.open;
}

function opensOf({ deeds, stormOpens }: Run): number {
  return stormOpens + deeds.filter(({ did }) => did === "open").length;
}

function hooksIn(metrics: Metrics): Readonly<Record<string, string>> {
  const attached = samples(metrics, "ebpf_agent_probe_attached").filter(([, value]) => value === 1);
  const label = (labels: string, name: string) =>
    new RegExp(`${name}="(\\w+)"`).exec(labels)?.[1] ?? "";
  return Object.fromEntries(
    attached.map(([labels]) => [label(labels, "event"), label(labels, "hook")]),
  );
}

/** All kinds' hooks in one line. */
export function describeHooks({ hooks, end }: Told): string {
  const used = KINDS.map((kind) => `${kind} by ${hooks[kind] ?? "nothing"}`).join(", ");
  const missed = end.stderr.split("\n").filter((line) => /missed [1-9]/.test(line));
  return [used, ...missed].join("\n");
}
