/** Opens as fast as can be, by one generator and by one on each CPU. @module */
import { OPENED } from "../loads.ts";
import { cpuSecondsFor } from "../process.ts";
import { figure, Recorder, type Samples } from "../samples.ts";
import {
  type Bench,
  interleaved,
  milliseconds,
  type Section,
  UNTRACED,
  warmUp,
} from "../section.ts";
import { ratios, summary } from "../statistics.ts";
import { type Column, column, sampleTable } from "../table.ts";
import { atLeast, atMost } from "../targets.ts";
import { closed, JSON_LINES, openCounts, settledCounts, TEXT } from "../tools/agent.ts";
import { COUNTING, OPENSNOOP, OPENSNOOP_BT } from "../tools/peers.ts";
import { runProgram } from "../tools/running.ts";
import { NOTHING, type RunningTool, type Tool } from "../tools/tool.ts";

const LOAD_MS = 1200;
const TO_FILE = "to a file";

/** How a load is made, and what its figures are called. */
const LOADS = [
  { key: "one", title: "One generator", run: "run" },
  { key: "all", title: "One generator on each CPU", run: "runOnAllCpus" },
] as const;

export const opens: Section = {
  name: "opens",
  title: "Opens at full speed",
  byDefault: true,
  run,
  render,
  targets,
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  const { agent, peers } = bench;
  const toFile = [agent.text, agent.json].map((tool) => ({
    ...tool,
    name: `${tool.name}, ${TO_FILE}`,
  }));
  const tools = [
    NOTHING,
    agent.text,
    agent.json,
    ...toFile,
    ...peers.opens,
    ...peers.quietOpens,
    ...peers.countingOpens,
  ];
  await interleaved(
    bench,
    tools,
    async (tool) => recorder.add(tool.name, await measure(bench, tool)),
  );
  return recorder.samples;
}

async function measure(bench: Bench, tool: Tool): Promise<Record<string, number>> {
  const path = `${bench.folder}/opens`;
  const printsHere = !tool.name.startsWith("agent") || tool.name.endsWith(TO_FILE);
  const running = await tool.start(printsHere ? path : "/dev/null");
  const figures: Record<string, number> = {};
  try {
    await warmUp(bench, running);
    for (const load of LOADS) {
      const found = await oneLoad(bench, running, load);
      for (const [name, value] of Object.entries(found)) figures[`${load.key} ${name}`] = value;
    }
  } finally {
    const stderr = await running.stop();
    if (running.url !== undefined) figures.closed = closed(stderr) ? 1 : 0;
    await countLines(running, figures);
    await Deno.remove(path).catch(() => {});
  }
  return figures;
}

async function oneLoad(
  bench: Bench,
  running: RunningTool,
  load: (typeof LOADS)[number],
): Promise<Record<string, number>> {
  const options = { ms: milliseconds(bench, LOAD_MS), path: OPENED, name: nameOf(load.key) };
  const before = running.url === undefined ? undefined : await openCounts(running.url);
  const { result, seconds } = await cpuSecondsFor(
    running.pids,
    () => bench.loads[load.run]("opens", options),
  );
  const figures = {
    done: result.count,
    rate: result.count / result.seconds,
    cpu: seconds / result.count * 1e6,
  };
  if (running.url === undefined || before === undefined) return figures;
  const lost = (await settledCounts(running.url)).lost - before.lost;
  return { ...figures, lost, delivered: (result.count - lost) / result.seconds };
}

/** How many opens a tool has printed, where its lines are to be had. */
async function countLines(running: RunningTool, figures: Record<string, number>): Promise<void> {
  if (running.output === "/dev/null") return;
  for (const { key } of LOADS) {
    // Behind `=` it is an argument of the generator, which the agent shows when it is run.
    const pattern = `[^=]${nameOf(key)}`;
    const script = 'grep -ac -e "$0" "$1" || true';
    const printed = Number(await runProgram(["sh", "-c", script, pattern, running.output]));
    // A tool that only counts prints none.
    if (printed === 0) continue;
    const done = figures[`${key} done`];
    // perf trace prints an open twice where another CPU's event comes in between.
    const delivered = Math.min(printed, done);
    figures[`${key} lost`] = done - delivered;
    figures[`${key} delivered`] = figures[`${key} rate`] * delivered / done;
    figures[`${key} cpu`] *= done / delivered;
  }
}

/** At most 15 bytes, and in no other program's name. */
function nameOf(key: string): string {
  return `bench-open-${key}`;
}

function render(samples: Samples): string {
  const ofUntraced = (key: string): Column => ({
    title: "of untraced, %",
    values: (all, tool) =>
      ratios(figure(all, tool, `${key} rate`), figure(all, UNTRACED, `${key} rate`)).map((ratio) =>
        ratio * 100
      ),
    digits: 1,
  });
  return LOADS.map(({ key, title }) =>
    `### ${title}\n\n` +
    sampleTable(samples, [
      column("opens a second, thousands", `${key} rate`, 0, 1e-3),
      ofUntraced(key),
      column("delivered a second, thousands", `${key} delivered`, 0, 1e-3),
      column("lost", `${key} lost`, 0),
      column("CPU per delivered open, µs", `${key} cpu`, 2),
    ], "watched by")
  ).join("\n") + "\n" + ceiling(samples);
}

/** No tool delivers more opens than are made: what that leaves of a ratio to another tool. */
function ceiling(samples: Samples): string {
  const times = (tool: string, peer: string) =>
    summary(ratios(figure(samples, tool, "one rate"), figure(samples, peer, "one rate")), 1);
  return `With nothing attached the generator makes ${
    times(UNTRACED, OPENSNOOP)
  } times the opens that it makes beside opensnoop,
and ${
    times(UNTRACED, OPENSNOOP_BT)
  } times those beside opensnoop.bt: so much is the most that any tool can deliver against them here.
How much it is depends on the machine, on what a system call costs there beside a wake-up.
${counted(samples, times)}`;
}

/** What is left where the kernel counts each open, and no tool is told of any. */
function counted(samples: Samples, times: (tool: string, peer: string) => string): string {
  if (samples[COUNTING] === undefined) return "";
  return `
A tool that delivers has to hook the call and to write a record too. With a counter at the exit of openat and nothing
else (${COUNTING}) the generator makes ${
    times(COUNTING, OPENSNOOP)
  } times the opens that it makes beside opensnoop. And
where it is to keep 60 % of its untraced rate, 60 % of the ceiling is what a tool can deliver.
`;
}

function targets(samples: Samples) {
  const of = (tool: string, name: string) => figure(samples, tool, name);
  const times = (tool: string, peer: string) =>
    ratios(of(tool, "one delivered"), of(peer, "one delivered"));
  const agents = [TEXT, JSON_LINES];
  const each = (name: string) => agents.flatMap((tool) => of(tool, name));
  const traced = ratios(of(TEXT, "one rate"), of(UNTRACED, "one rate")).map((ratio) => ratio * 100);
  return [
    atLeast({
      what: "opens delivered as text, one generator, against opensnoop",
      values: times(TEXT, OPENSNOOP),
      limit: 10,
      unit: " ×",
      digits: 1,
    }),
    atLeast({
      what: "the same against bpftrace",
      values: times(TEXT, OPENSNOOP_BT),
      limit: 10,
      unit: " ×",
      digits: 1,
    }),
    atMost({
      what: "lost, one generator, text",
      values: of(TEXT, "one lost"),
      limit: 0,
      unit: "",
      digits: 0,
    }),
    atLeast({
      what: "rate of the traced program, of its untraced rate",
      values: traced,
      limit: 60,
      unit: " %",
      digits: 1,
    }),
    atLeast({
      what: "opens delivered as JSON, one generator, against opensnoop",
      values: times(JSON_LINES, OPENSNOOP),
      limit: 6,
      unit: " ×",
      digits: 1,
    }),
    atMost({
      what: "lost, one generator on each CPU, text and JSON",
      values: each("all lost"),
      limit: 0,
      unit: "",
      digits: 0,
    }),
    atLeast({
      what: "ledgers that close, of all",
      values: mean(each("closed")),
      limit: 100,
      unit: " %",
      digits: 0,
    }),
    atMost({
      what: "CPU per delivered open at full speed, text",
      values: of(TEXT, "one cpu"),
      limit: 0.3,
      unit: " µs",
      digits: 2,
    }),
    atMost({
      what: "the same, JSON",
      values: of(JSON_LINES, "one cpu"),
      limit: 0.6,
      unit: " µs",
      digits: 2,
    }),
  ];
}

/** In percent; nothing of nothing. */
function mean(values: readonly number[]): readonly number[] {
  if (values.length === 0) return [];
  return [100 * values.reduce((sum, value) => sum + value, 0) / values.length];
}
