/** Opens at given rates: what each tool uses. @module */
import { OPENED } from "../loads.ts";
import { cpuSecondsFor } from "../process.ts";
import { figure, Recorder, type Samples } from "../samples.ts";
import { type Bench, interleaved, milliseconds, type Section, warmUpPaced } from "../section.ts";
import { ratios, summary } from "../statistics.ts";
import { column, sampleTable } from "../table.ts";
import { atMost, OPENSNOOP_THERE } from "../targets.ts";
import { JSON_LINES, TEXT } from "../tools/agent.ts";
import { OPENSNOOP } from "../tools/peers.ts";
import type { Tool } from "../tools/tool.ts";

const RATES = [100, 1000, 10_000, 50_000, 100_000];
const LOAD_MS = 1000;

export const rates: Section = {
  name: "rates",
  title: "Opens at 100 to 100,000 a second",
  byDefault: true,
  run,
  render,
  targets,
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  const { agent, peers } = bench;
  const tools = [
    agent.text,
    agent.json,
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
  await using running = await tool.start("/dev/null");
  const figures: Record<string, number> = {};
  await warmUpPaced(bench, running);
  for (const rate of RATES) {
    const options = { rate, ms: milliseconds(bench, LOAD_MS), path: OPENED };
    const { result, seconds } = await cpuSecondsFor(
      running.pids,
      () => bench.loads.run("opens", options),
    );
    figures[`${rate} cpu`] = 100 * seconds / result.seconds;
    figures[`${rate} per open`] = seconds / result.count * 1e6;
    figures[`${rate} reached`] = 100 * result.count / result.seconds / rate;
  }
  return figures;
}

function render(samples: Samples): string {
  const titles = RATES.map((rate) => `${rate.toLocaleString("en-US")}/s`);
  const columns = (name: string, digits: number) =>
    RATES.map((rate, index) => column(titles[index], `${rate} ${name}`, digits));
  return "CPU in percent of a core after six seconds of a slow load, what the tool uses when nothing happens " +
    "included:\n\n" +
    sampleTable(samples, columns("cpu", 2)) +
    "\nCPU per open, in µs:\n\n" +
    sampleTable(samples, columns("per open", 2)) +
    onMachineOfAims(samples) +
    "\nRate that the generator reached, in percent of what it was told; below 100 the tool holds it up:\n\n" +
    sampleTable(samples, columns("reached", 0));
}

/** What the machine has to do with it, where opensnoop was measured beside the agent. */
function onMachineOfAims(samples: Samples): string {
  const of = (tool: string) => figure(samples, tool, "50000 per open");
  const inItsTime = (tool: string) =>
    ratios(of(tool), of(OPENSNOOP)).map((ratio) => ratio * OPENSNOOP_THERE);
  if (inItsTime(TEXT).length === 0) return "";
  return `\nThe aims of 0.3 and 0.6 µs an open were set on a machine where opensnoop took ${OPENSNOOP_THERE} µs at 50,000 a ` +
    `second, and here it takes ${summary(of(OPENSNOOP), 1)} µs. By that measure the agent takes ` +
    `${summary(inItsTime(TEXT), 2)} µs as text and ${
      summary(inItsTime(JSON_LINES), 2)
    } µs as JSON.\n`;
}

function targets(samples: Samples) {
  const share = (tool: string) =>
    ratios(figure(samples, tool, "50000 per open"), figure(samples, OPENSNOOP, "50000 per open"));
  return [
    atMost({
      what: "CPU per open at 50,000 a second, text, as a share of opensnoop's",
      values: share(TEXT),
      limit: 0.2,
      unit: "",
      digits: 2,
    }),
  ];
}
