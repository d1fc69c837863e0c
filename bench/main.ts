/** Measures the agent beside its peers on this machine, and writes docs/benchmarks.md. @module */
import { checkout } from "../test/harness/checkout.ts";
import { compiledAgent } from "../test/harness/compiled.ts";
import { sourceArguments } from "../test/harness/agent.ts";
import { Loads } from "./loads.ts";
import { describeMachine, describePeers, measureWakeups } from "./machine.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { delay, machineTime, since } from "./process.ts";
import { renderReport } from "./report.ts";
import { loadResult, saveResult } from "./samples.ts";
import type { AgentTools, AgentWay, Bench, Section } from "./section.ts";
import { bystanders } from "./sections/bystanders.ts";
import { execs } from "./sections/execs.ts";
import { idle } from "./sections/idle.ts";
import { latency } from "./sections/latency.ts";
import { lines } from "./sections/lines.ts";
import { opens } from "./sections/opens.ts";
import { rates } from "./sections/rates.ts";
import { rules } from "./sections/rules.ts";
import { scrapes } from "./sections/scrapes.ts";
import { startup } from "./sections/startup.ts";
import { steady } from "./sections/steady.ts";
import { agentTool, JSON_LINES, TEXT } from "./tools/agent.ts";
import { findPeers } from "./tools/peers.ts";
import { onEnd, undoAll } from "./tools/running.ts";

const SECTIONS: readonly Section[] = [
  opens,
  lines,
  rates,
  execs,
  bystanders,
  latency,
  rules,
  scrapes,
  idle,
  startup,
  steady,
];
const FOLDER = `${checkout}/build/bench`;
const RESULTS = `${FOLDER}/results`;
const REPORT = `${checkout}/docs/benchmarks.md`;
const SETTLE_MS = 1000;
const INTERRUPTED = 130;

if (import.meta.main) Deno.exitCode = await main(Deno.args);

async function main(args: readonly string[]): Promise<number> {
  const names = SECTIONS.map(({ name }) => name);
  let options: Options;
  try {
    options = parseOptions(args, names);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    say(`${error.message}\n\n${USAGE}  ${names.join(" ")}`);
    return 2;
  }
  if (Deno.uid() !== 0) {
    say("Cannot measure: tools that watch the kernel need root. Run it with sudo");
    return 3;
  }
  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      interrupted = true;
      void undoAll().then(() => Deno.exit(INTERRUPTED));
    });
  }
  try {
    await measureAndReport(options);
    return 0;
  } catch (error) {
    // A terminal interrupts generators and tools as well, so they fail meanwhile.
    if (!interrupted) throw error;
    return INTERRUPTED;
  } finally {
    await undoAll();
  }
}

async function measureAndReport(options: Options): Promise<void> {
  const bench = await prepare(options);
  const chosen = SECTIONS.filter(({ name, byDefault }) =>
    options.sections.length === 0 ? byDefault : options.sections.includes(name)
  );
  for (const section of options.reportOnly ? [] : chosen) await measure(bench, section);
  const facts = {
    machine: await describeMachine(),
    peers: describePeers(bench.peers.known),
    wakeups: await measureWakeups(bench.loads, bench.rounds),
  };
  const chapters = await Promise.all(
    SECTIONS.map(async (section) => ({ section, result: await loadResult(RESULTS, section.name) })),
  );
  await Deno.writeTextFile(REPORT, renderReport(facts, chapters));
  say(`Wrote ${REPORT}`);
}

async function measure(bench: Bench, section: Section): Promise<void> {
  const before = await machineTime();
  await delay(SETTLE_MS);
  const { busy } = await since(before);
  const start = await machineTime();
  say(`${section.name}: ${section.title} (other programs keep ${busy.toFixed(2)} cores busy)`);
  const samples = await section.run(bench);
  const { rounds, quick } = bench;
  const takenAt = new Date().toISOString();
  const { stolen } = await since(start);
  await saveResult(RESULTS, section.name, { takenAt, rounds, quick, busy, stolen, samples });
  say(`${section.name}: took ${Math.round((performance.now() - start.atMs) / 1000)} s`);
}

async function prepare(options: Options): Promise<Bench> {
  const installing = await new Deno.Command(`${checkout}/bench/peers.sh`, { stdin: "null" }).spawn()
    .status;
  if (!installing.success) say("Some peers could not be installed: the report names them");
  const loads = await Loads.compile(`${FOLDER}/bin`);
  const folder = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "bench-" });
  onEnd(() => Deno.remove(folder, { recursive: true }));
  return {
    rounds: options.rounds,
    quick: options.quick,
    loads,
    agent: await findAgent(options),
    peers: await findPeers(loads, `${FOLDER}/peers`),
    folder,
    say,
  };
}

async function findAgent({ agent }: Options): Promise<AgentTools> {
  const source: AgentWay = {
    name: "from source",
    command: [Deno.execPath(), ...sourceArguments(checkout)],
  };
  const compiled = await compiledAgent().then(
    (path): AgentWay => ({ name: "compiled", command: [path] }),
    (error: Error) => say(error.message),
  );
  if (agent === "compiled" && !compiled) throw new Error("There is no compiled agent to measure");
  const { command } = agent === "compiled" && compiled ? compiled : source;
  return {
    text: agentTool(TEXT, command),
    json: agentTool(JSON_LINES, command, ["--output=json"]),
    ways: compiled ? [compiled, source] : [source],
  };
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
