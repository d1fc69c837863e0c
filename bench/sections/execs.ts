/** Programs run at given rates, with their arguments: what each tool uses, and what it misses. @module */
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
import { ratios } from "../statistics.ts";
import { type Column, column, sampleTable } from "../table.ts";
import { atLeast, atMost } from "../targets.ts";
import { EXECSNOOP } from "../tools/peers.ts";
import { runProgram } from "../tools/running.ts";
import { NOTHING, type Tool } from "../tools/tool.ts";

/** Zero: as fast as can be. Rare events need longer to tell anything. */
const LOADS = [
  { rate: 10, ms: 2000 },
  { rate: 100, ms: 1000 },
  { rate: 333, ms: 1000 },
  { rate: 1000, ms: 1000 },
  { rate: 3000, ms: 800 },
  { rate: 0, ms: 800 },
];
/** All arguments in order, whatever a tool puts between them. */
const COMPLETE = "--first=alpha.*--second.*beta.*-x.*--third.*gamma.*/etc/hostname.*last";
const TEXT = "agent, text";

export const execs: Section = {
  name: "execs",
  title: "Programs run, with their arguments",
  byDefault: true,
  run,
  render,
  targets,
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  const { agent, peers } = bench;
  const tools = [
    NOTHING,
    agent.text,
    agent.json,
    ...peers.execs,
    ...peers.quietExecs,
    ...peers.countingExecs,
  ];
  await interleaved(
    bench,
    tools,
    async (tool) => recorder.add(tool.name, await measure(bench, tool)),
  );
  return recorder.samples;
}

async function measure(bench: Bench, tool: Tool): Promise<Record<string, number>> {
  const path = `${bench.folder}/execs`;
  const running = await tool.start(path);
  const figures: Record<string, number> = {};
  let done = 0;
  try {
    await warmUp(bench, running);
    for (const { rate, ms } of LOADS) {
      // There is no CPU of no tool to measure, but for the rate of the load itself.
      if (tool === NOTHING && rate !== 0) continue;
      const options = { rate, ms: milliseconds(bench, ms) };
      const { result, seconds } = await cpuSecondsFor(
        running.pids,
        () => bench.loads.execs(options),
      );
      done += result.count;
      figures[`${rate} cpu`] = 100 * seconds / result.seconds;
      figures[`${rate} rate`] = result.count / result.seconds;
    }
  } finally {
    await running.stop();
  }
  if (tool === NOTHING) return figures;
  const printed = Number(
    await runProgram(["sh", "-c", 'grep -acE -e "$0" "$1" || true', COMPLETE, path]),
  );
  await Deno.remove(path);
  // A tool that only counts prints none.
  return printed === 0 ? figures : { ...figures, missing: 100 * (done - printed) / done };
}

function render(samples: Samples): string {
  const tools = Object.fromEntries(Object.entries(samples).filter(([tool]) => tool !== UNTRACED));
  const ofUntraced: Column = {
    title: "of untraced, %",
    values: (all, tool) =>
      ratios(figure(all, tool, "0 rate"), figure(all, UNTRACED, "0 rate")).map((ratio) =>
        ratio * 100
      ),
    digits: 1,
  };
  const rates = LOADS.filter(({ rate }) => rate !== 0).map(({ rate }) =>
    column(`${rate.toLocaleString("en-US")}/s`, `${rate} cpu`, 2)
  );
  return "CPU in percent of a core, at so many programs a second; and of all of them the share that has no " +
    "line with all its arguments:\n\n" +
    sampleTable(tools, [...rates, column("lines missing, %", "missing", 2)]) +
    "\nAs fast as can be (posix_spawn of a static program that ends at once):\n\n" +
    sampleTable(samples, [column("programs a second", "0 rate", 0), ofUntraced], "watched by");
}

function targets(samples: Samples) {
  const rate = (tool: string) => figure(samples, tool, "0 rate");
  const percent = (tool: string) => ratios(rate(tool), rate(UNTRACED)).map((ratio) => ratio * 100);
  return [
    atMost({
      what: "CPU at 1,000 programs a second with full arguments, text",
      values: figure(samples, TEXT, "1000 cpu"),
      limit: 1,
      unit: " % of a core",
      digits: 2,
    }),
    atMost({
      what: "lines missing, text",
      values: figure(samples, TEXT, "missing"),
      limit: 0,
      unit: " %",
      digits: 2,
    }),
    atLeast({
      what: "programs a second, of untraced",
      values: percent(TEXT),
      limit: 88,
      unit: " %",
      digits: 1,
    }),
    atLeast({
      what: "programs a second, against execsnoop",
      values: ratios(rate(TEXT), rate(EXECSNOOP)),
      limit: 1,
      unit: " ×",
      digits: 2,
    }),
  ];
}
