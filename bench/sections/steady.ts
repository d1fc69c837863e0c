/** Whether memory stays what it is while tens of millions of events pass. @module */
import { OPENED } from "../loads.ts";
import { residentBytes } from "../process.ts";
import { figure, Recorder, type Samples } from "../samples.ts";
import type { Bench, Section } from "../section.ts";
import { median } from "../statistics.ts";
import { column, sampleTable } from "../table.ts";
import { atMost } from "../targets.ts";
import { agentTool, settledCounts } from "../tools/agent.ts";

const STEPS = 10;
const OPENS_A_STEP = 5_000_000;
/** However slow the machine is. */
const MOST_MS_A_STEP = 30_000;

export const steady: Section = {
  name: "steady",
  title: "Steady state",
  byDefault: false,
  run,
  render,
  targets,
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  for (const { name, command } of bench.agent.ways) {
    await using running = await agentTool(name, command).start("/dev/null");
    const [pid] = running.pids;
    recorder.add(name, { "after 0": await residentBytes(pid) / 1e6 });
    for (let step = 1; step <= STEPS; step++) {
      bench.say(`  ${name}: step ${step} of ${STEPS}`);
      const count = bench.quick ? OPENS_A_STEP / 50 : OPENS_A_STEP;
      await bench.loads.run("opens", { count, ms: MOST_MS_A_STEP, path: OPENED });
      recorder.add(name, { [`after ${step}`]: await residentBytes(pid) / 1e6 });
    }
    const { emitted, lost } = await settledCounts(running.url ?? "");
    recorder.add(name, { events: emitted / 1e6, lost });
  }
  return recorder.samples;
}

function render(samples: Samples): string {
  const shown = [0, 1, 3, 5, 6, 7, 8, 9, 10];
  const columns = shown.map((step) => column(`after ${step * 10} %`, `after ${step}`, 1));
  return "One run: opens by one generator at full speed, all printed as text. Resident memory in MB:\n\n" +
    sampleTable(samples, [
      column("events, millions", "events", 1),
      ...columns,
      column("lost", "lost", 0),
    ]);
}

function targets(samples: Samples) {
  const after = (step: number) => figure(samples, "compiled", `after ${step}`);
  const last = after(STEPS);
  // Of three readings each: how full the heap is by chance is some megabytes.
  const middle = (run: number, steps: readonly number[]) =>
    median(steps.map((step) => after(step)[run]));
  const grown = last.map((_, run) => middle(run, [8, 9, 10]) - middle(run, [5, 6, 7]));
  return [
    atMost({
      what: "resident memory after 50 million events, compiled",
      values: last,
      limit: 70,
      unit: " MB",
      digits: 1,
    }),
    atMost({
      what: "its growth over the second half of them, between the medians of three readings",
      values: grown,
      limit: 1,
      unit: " MB",
      digits: 1,
    }),
  ];
}
