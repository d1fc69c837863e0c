/** How fast /metrics answers, at rest and while every CPU opens files as fast as it can. @module */
import { OPENED } from "../loads.ts";
import { delay } from "../process.ts";
import { figure, Recorder, type Samples } from "../samples.ts";
import { type Bench, interleaved, milliseconds, type Section, warmUp } from "../section.ts";
import { column, sampleTable } from "../table.ts";
import { atMost } from "../targets.ts";
import type { Tool } from "../tools/tool.ts";

const RATE = 100;
const LOAD_MS = 3000;
/** The load begins before the first scrape, and ends after the last. */
const MARGIN_MS = 100;

export const scrapes: Section = {
  name: "scrapes",
  title: "Scrapes under overload",
  byDefault: true,
  run,
  render,
  targets,
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  const tools = [bench.agent.text, bench.agent.json];
  await interleaved(
    bench,
    tools,
    async (tool) => recorder.add(tool.name, await measure(bench, tool)),
  );
  return recorder.samples;
}

async function measure(bench: Bench, tool: Tool): Promise<Record<string, number>> {
  const { loads } = bench;
  await using running = await tool.start("/dev/null");
  await warmUp(bench, running);
  const port = Number(new URL(running.url ?? "").port);
  const ms = milliseconds(bench, LOAD_MS);
  const rest = await loads.scrapes({ port, rate: RATE, ms: ms / 3 });
  const [{ count, seconds }, busy] = await Promise.all([
    loads.runOnAllCpus("opens", { ms: ms + 2 * MARGIN_MS, path: OPENED }),
    delay(MARGIN_MS).then(() => loads.scrapes({ port, rate: RATE, ms })),
  ]);
  const figures: Record<string, number> = { opens: count / seconds };
  for (const [when, delays] of Object.entries({ rest, busy })) {
    for (const name of ["p50", "p99", "most"] as const) {
      figures[`${when} ${name}`] = delays[name] / 1000;
    }
  }
  return figures;
}

function render(samples: Samples): string {
  const columns = (when: string) => [
    column("half, ms", `${when} p50`, 2),
    column("99 of 100, ms", `${when} p99`, 2),
    column("worst, ms", `${when} most`, 2),
  ];
  return `${RATE} scrapes a second over one connection, each timed from when it was due, so that one slow answer ` +
    "counts for those that wait behind it too. Under overload one generator on each CPU opens files at full " +
    "speed, so agent and scraper get what is left.\n\n" +
    "### At rest\n\n" + sampleTable(samples, columns("rest")) +
    "\n### Under overload\n\n" +
    sampleTable(samples, [
      column("opens a second, thousands", "opens", 0, 1e-3),
      ...columns("busy"),
    ]);
}

function targets(samples: Samples) {
  const both = (name: string) =>
    Object.keys(samples).flatMap((tool) => figure(samples, tool, name));
  return [
    atMost({
      what: "99 of 100 scrapes under overload",
      values: both("busy p99"),
      limit: 20,
      unit: " ms",
      digits: 1,
    }),
    atMost({
      what: "the worst scrape of all rounds",
      values: worst(both("busy most")),
      limit: 60,
      unit: " ms",
      digits: 1,
    }),
  ];
}

function worst(values: readonly number[]): readonly number[] {
  return values.length === 0 ? [] : [Math.max(...values)];
}
