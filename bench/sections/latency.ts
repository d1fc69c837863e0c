/** How long after an open its line can be read. @module */
import { OPENED } from "../loads.ts";
import { delay } from "../process.ts";
import { figure, Recorder, type Samples } from "../samples.ts";
import { type Bench, interleaved, milliseconds, type Section, warmUp } from "../section.ts";
import { column, sampleTable } from "../table.ts";
import { atMost } from "../targets.ts";
import { TEXT } from "../tools/agent.ts";
import { PERF_TRACE } from "../tools/peers.ts";
import { runProgram } from "../tools/running.ts";
import type { Tool } from "../tools/tool.ts";

/** Stamped each time, or so often that stamping does not slow the load. */
const PHASES = [
  { key: "100", title: "100 opens a second", rate: 100, stamp: 1, ms: 2000 },
  { key: "10000", title: "10,000 opens a second", rate: 10_000, stamp: 1, ms: 1000 },
  { key: "full", title: "Opens at full speed", rate: 0, stamp: 16, ms: 1000 },
];

export const latency: Section = {
  name: "latency",
  title: "From the event to the line",
  byDefault: true,
  run,
  render,
  targets,
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  const tools = [
    bench.agent.text,
    bench.agent.json,
    ...bench.peers.opens.filter(({ name }) => name !== PERF_TRACE),
  ];
  await interleaved(
    bench,
    tools,
    async (tool) => recorder.add(tool.name, await measure(bench, tool)),
  );
  return recorder.samples;
}

async function measure(bench: Bench, tool: Tool): Promise<Record<string, number>> {
  const pipe = `${bench.folder}/pipe`;
  await runProgram(["mkfifo", pipe]);
  const [delays] = await Promise.all([bench.loads.latencies(pipe), fill(bench, tool, pipe)]);
  await Deno.remove(pipe);
  const figures: Record<string, number> = {};
  for (const [phase, { count, p50, p99, most }] of delays.entries()) {
    const { key } = PHASES[phase];
    for (const [name, microseconds] of Object.entries({ p50, p99, most })) {
      figures[`${key} ${name}`] = count === 0 ? NaN : microseconds / 1000;
    }
  }
  return figures;
}

/** Has a tool print all phases into a pipe, and ends it. */
async function fill(bench: Bench, tool: Tool, pipe: string): Promise<void> {
  await using running = await tool.start(pipe);
  await warmUp(bench, running);
  for (const [phase, { rate, stamp, ms }] of PHASES.entries()) {
    const options = { rate, stamp, phase, ms: milliseconds(bench, ms), path: OPENED };
    await bench.loads.run("opens", options);
    // What is still on its way belongs to this phase.
    await delay(500);
  }
}

function render(samples: Samples): string {
  return "In milliseconds, from just before the system call to when a reader of the pipe has the line. The " +
    "generator writes the time into its own name, so it is the same clock and the same end for every tool.\n\n" +
    PHASES.map(({ key, title }) =>
      `### ${title}\n\n` +
      sampleTable(samples, [
        column("half, ms", `${key} p50`, 2),
        column("99 of 100, ms", `${key} p99`, 2),
        column("all, ms", `${key} most`, 2),
      ])
    ).join("\n");
}

function targets(samples: Samples) {
  const rows = [["100", "at 100 a second"], ["full", "at full speed"]];
  return rows.map(([key, when]) =>
    atMost({
      what: `99 of 100 lines ${when} are there within`,
      values: figure(samples, TEXT, `${key} p99`),
      limit: 10,
      unit: " ms",
      digits: 2,
    })
  );
}
