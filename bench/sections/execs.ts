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
  warmUpPaced,
} from "../section.ts";
import { ratios } from "../statistics.ts";
import { column, sampleTable } from "../table.ts";
import { atLeast, atMost } from "../targets.ts";
import { JSON_LINES, TEXT } from "../tools/agent.ts";
import { EXECSNOOP } from "../tools/peers.ts";
import { runProgram } from "../tools/running.ts";
import { NOTHING, type Tool } from "../tools/tool.ts";

/** Rare events need longer to tell anything. */
const RATES = [
  { rate: 10, ms: 2000 },
  { rate: 100, ms: 1000 },
  { rate: 333, ms: 1000 },
  { rate: 1000, ms: 2000 },
  { rate: 3000, ms: 800 },
];
/** Measured once more, after so long: an engine that runs twenty times a second goes on compiling for a minute. */
const LATER = { rate: 1000, ms: 8000, afterMs: 20_000, tools: [TEXT, JSON_LINES, EXECSNOOP] };
/** As fast as can be, by vfork and execve or by posix_spawn. */
const FULL_SPEED = { full: { spawn: 0 }, spawned: { spawn: 1 } };
const LOAD_MS = 2000;
/** All arguments in order, whatever a tool puts between them. */
const COMPLETE = "--first=alpha.*--second.*beta.*-x.*--third.*gamma.*/etc/hostname.*last";

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
  // No tool has no CPU to measure.
  const used = tool === NOTHING ? {} : await measureCpu(bench, tool);
  return { ...used, ...await measureLines(bench, tool) };
}

async function measureCpu(bench: Bench, tool: Tool): Promise<Record<string, number>> {
  await using running = await tool.start("/dev/null");
  const cpuAt = async (rate: number, ms: number) => {
    const load = () => bench.loads.execs({ rate, ms: milliseconds(bench, ms) });
    const { result, seconds } = await cpuSecondsFor(running.pids, load);
    return 100 * seconds / result.seconds;
  };
  const figures: Record<string, number> = {};
  await warmUpPaced(bench, running);
  for (const { rate, ms } of RATES) figures[`${rate} cpu`] = await cpuAt(rate, ms);
  if (!LATER.tools.includes(tool.name)) return figures;
  await cpuAt(LATER.rate, LATER.afterMs);
  return { ...figures, "later cpu": await cpuAt(LATER.rate, LATER.ms) };
}

/** How fast the traced program is, and which of its lines are missing. */
async function measureLines(bench: Bench, tool: Tool): Promise<Record<string, number>> {
  const path = `${bench.folder}/execs`;
  const ms = milliseconds(bench, LOAD_MS);
  const before = await runAtFullSpeed(bench, ms);
  const running = await tool.start(path);
  const figures: Record<string, number> = {};
  let done = 0;
  try {
    await warmUp(bench, running);
    done += (await bench.loads.execs({ rate: 1000, ms })).count;
    for (const { way, count, rate } of await runAtFullSpeed(bench, ms)) {
      done += count;
      figures[`${way} rate`] = rate;
    }
  } finally {
    await running.stop();
  }
  // Just before and just after, since the machine's own speed drifts from minute to minute.
  const after = await runAtFullSpeed(bench, ms);
  before.forEach(({ way, rate }, index) => {
    figures[`${way} share`] = 200 * figures[`${way} rate`] / (rate + after[index].rate);
  });
  if (tool === NOTHING) return figures;
  const printed = Number(
    await runProgram(["sh", "-c", 'grep -acE -e "$0" "$1" || true', COMPLETE, path]),
  );
  await Deno.remove(path);
  // A tool that only counts prints none.
  return printed === 0 ? figures : { ...figures, missing: 100 * (done - printed) / done };
}

async function runAtFullSpeed(bench: Bench, ms: number) {
  const done: { readonly way: string; readonly count: number; readonly rate: number }[] = [];
  for (const [way, options] of Object.entries(FULL_SPEED)) {
    const { count, seconds } = await bench.loads.execs({ rate: 0, ms, ...options });
    done.push({ way, count, rate: count / seconds });
  }
  return done;
}

function render(samples: Samples): string {
  const tools = Object.fromEntries(Object.entries(samples).filter(([tool]) => tool !== UNTRACED));
  const rates = RATES.map(({ rate }) =>
    column(`${rate.toLocaleString("en-US")}/s`, `${rate} cpu`, 2)
  );
  return "CPU in percent of a core, at so many programs a second, after six seconds of a slow load; at 1,000 also " +
    "later, after twenty seconds more of it, when an engine has compiled most of what it runs; and of programs at " +
    "that rate and at full speed the share that has no line with all its arguments:\n\n" +
    sampleTable(tools, [
      ...rates,
      column("1,000/s, later", "later cpu", 2),
      column("lines missing, %", "missing", 2),
    ]) +
    "\nAs fast as can be, a static program that ends at once: by vfork and execve, as shells do; and by " +
    "posix_spawn, which makes 130 system calls more for each, to look at every signal. Where a tool has to " +
    "hook the exits of all system calls, as the agent here, it is those that pay. Untraced is what was made just " +
    "before the tool was started and just after it was stopped.\n\n" +
    sampleTable(samples, [
      column("vfork, a second", "full rate", 0),
      column("of untraced, %", "full share", 1),
      column("posix_spawn, a second", "spawned rate", 0),
      column("of untraced, %", "spawned share", 1),
    ], "watched by");
}

function targets(samples: Samples) {
  const rate = (tool: string) => figure(samples, tool, "full rate");
  return [
    atMost({
      what: "CPU at 1,000 programs a second with full arguments, text, after half a minute",
      values: figure(samples, TEXT, "later cpu"),
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
      what: "programs a second by vfork and execve, of untraced",
      values: figure(samples, TEXT, "full share"),
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
