/** What tools cost programs that have nothing to do with them. @module */
import { figure, Recorder, type Samples } from "../samples.ts";
import { type Bench, interleaved, milliseconds, type Section, UNTRACED } from "../section.ts";
import { ratios } from "../statistics.ts";
import { type Column, column, sampleTable } from "../table.ts";
import { AUDIT } from "../tools/audit.ts";
import { EXECSNOOP, EXECSNOOP_BT, OPENSNOOP, OPENSNOOP_BT, PERF_TRACE } from "../tools/peers.ts";
import { runProgram } from "../tools/running.ts";
import { NOTHING, together, type Tool } from "../tools/tool.ts";
import { makeWorkloads, type Workload } from "../workloads.ts";

export const bystanders: Section = {
  name: "bystanders",
  title: "Bystanders",
  byDefault: true,
  run,
  render,
  targets: () => [],
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  const { agent, peers } = bench;
  const named = (...names: readonly string[]) =>
    [...peers.opens, ...peers.execs].filter(({ name }) => names.includes(name));
  const tools = [
    NOTHING,
    agent.text,
    agent.json,
    ...pair("opensnoop and execsnoop", named(OPENSNOOP, EXECSNOOP)),
    ...pair("opensnoop.bt and execsnoop.bt", named(OPENSNOOP_BT, EXECSNOOP_BT)),
    ...named(PERF_TRACE, AUDIT),
  ];
  const workloads = await makeWorkloads(bench.loads.folder);
  // The first time reads from disk.
  for (const { command } of workloads) await runProgram(command);
  await interleaved(
    bench,
    tools,
    async (tool) => recorder.add(tool.name, await measure(bench, tool, workloads)),
  );
  return recorder.samples;
}

/** Two tools that see together what the agent sees alone. */
function pair(name: string, tools: readonly Tool[]): readonly Tool[] {
  return tools.length === 2 ? [together(name, tools)] : [];
}

async function measure(
  bench: Bench,
  tool: Tool,
  workloads: readonly Workload[],
): Promise<Record<string, number>> {
  await using _running = await tool.start("/dev/null");
  const { count, seconds } = await bench.loads.run("getppid", { ms: milliseconds(bench, 400) });
  const figures: Record<string, number> = { getppid: seconds / count * 1e9 };
  for (const { name, command } of workloads) {
    const start = performance.now();
    await runProgram(command);
    figures[name] = performance.now() - start;
  }
  return figures;
}

function render(samples: Samples): string {
  const names = Object.keys(Object.values(samples)[0]).filter((name) => name !== "getppid");
  const slower = (name: string): Column => ({
    title: `${name}, % slower`,
    values: (all, tool) =>
      ratios(figure(all, tool, name), figure(all, UNTRACED, name)).map((ratio) =>
        (ratio - 1) * 100
      ),
    digits: 1,
  });
  return "`getppid` is a system call that no tool here looks at, in nanoseconds. The rest are real programs, in " +
    "milliseconds: compiling a few C files, `git status` in a tree of 20,000 files, and `find` over the " +
    "machine's own files, all read from disk before.\n\n" +
    sampleTable(samples, [
      column("getppid, ns", "getppid", 1),
      ...names.map((name) => column(`${name}, ms`, name, 0)),
    ], "watched by") +
    "\nSlowed by, against the same round without a tool:\n\n" +
    sampleTable(samples, names.map(slower), "watched by");
}
