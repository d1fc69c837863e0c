/** What the agent and its peers use while nothing happens. @module */
import { cpuSeconds, delay, residentBytes, sleeps } from "../process.ts";
import { figure, Recorder, type Samples } from "../samples.ts";
import { type Bench, milliseconds, type Section } from "../section.ts";
import { column, sampleTable } from "../table.ts";
import { atMost } from "../targets.ts";
import { agentTool } from "../tools/agent.ts";
import { AUDIT } from "../tools/audit.ts";
import type { RunningTool } from "../tools/tool.ts";

/** After half a minute V8 has compiled what runs each second. */
const SETTLE_MS = 30_000;
const IDLE_MS = 20_000;

export const idle: Section = { name: "idle", title: "Idle", byDefault: true, run, render, targets };

/** All at once: at rest they do not disturb each other, and each round takes as long as one. */
async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  const { agent, peers } = bench;
  const tools = [
    ...agent.ways.map(({ name, command }) => agentTool(`agent, ${name}`, command)),
    ...peers.opens,
    ...peers.execs.filter(({ name }) => name !== AUDIT),
  ];
  for (let round = 1; round <= bench.rounds; round++) {
    bench.say(`  round ${round} of ${bench.rounds}`);
    await using stack = new AsyncDisposableStack();
    const running: RunningTool[] = [];
    for (const tool of tools) running.push(stack.use(await tool.start("/dev/null")));
    await delay(milliseconds(bench, SETTLE_MS));
    const before = await Promise.all(running.map(usage));
    const start = performance.now();
    await delay(milliseconds(bench, IDLE_MS));
    const seconds = (performance.now() - start) / 1000;
    const after = await Promise.all(running.map(usage));
    for (const [index, { name }] of tools.entries()) {
      recorder.add(name, {
        cpu: 100 * (after[index].cpu - before[index].cpu) / seconds,
        sleeps: (after[index].sleeps - before[index].sleeps) / seconds,
        resident: after[index].resident,
      });
    }
  }
  return recorder.samples;
}

async function usage({ pids }: RunningTool) {
  const [pid] = pids;
  return {
    cpu: cpuSeconds(pids),
    sleeps: await sleeps(pid),
    resident: await residentBytes(pid) / 1e6,
  };
}

function render(samples: Samples): string {
  const [settled, measured] = [SETTLE_MS, IDLE_MS].map((ms) => ms / 1000);
  return `${measured} s with every kind of event delivered, and only what the machine itself does, from the ` +
    `${settled}th second on: until then just-in-time compilation costs as much again. Wake-ups are ` +
    "those of all threads (voluntary context switches).\n\n" +
    sampleTable(samples, [
      column("CPU, % of a core", "cpu", 3),
      column("wake-ups a second", "sleeps", 1),
      column("resident memory, MB", "resident", 1),
    ]);
}

function targets(samples: Samples) {
  const agents = Object.keys(samples).filter((tool) => tool.startsWith("agent"));
  return [
    ...agents.map((tool) =>
      atMost({
        what: `idle, ${tool.replace("agent, ", "")}`,
        values: figure(samples, tool, "cpu"),
        limit: 0.15,
        unit: " % of a core",
        digits: 3,
      })
    ),
    atMost({
      what: "resident memory, idle, compiled",
      values: figure(samples, "agent, compiled", "resident"),
      limit: 55,
      unit: " MB",
      digits: 1,
    }),
  ];
}
