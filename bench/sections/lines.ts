/** What it costs to make lines of records, with no kernel and no events: the agent's own share. @module */
import { OPENED } from "../loads.ts";
import { REPLAYED } from "../replay/replay.ts";
import { figure, Recorder, type Samples } from "../samples.ts";
import { type Bench, milliseconds, type Section } from "../section.ts";
import { median } from "../statistics.ts";
import { column, sampleTable } from "../table.ts";
import { runProgram } from "../tools/running.ts";

const PROGRAM = new URL("../replay/timed.ts", import.meta.url).pathname;
const REPLAY_MS = 2000;
/** From starting a replay until it is measured, and longer. */
const GENERATED_MS = 8000;
/** What the agent sleeps between two looks at the rings at full speed. */
const PAUSE_MS = 5;

const ALONE = "one after the other";
const BESIDE = "the same, while a generator that nobody watches has another CPU";
const IN_BURSTS = `in bursts of a thousand, ${PAUSE_MS} ms of sleep between two`;

export const lines: Section = {
  name: "lines",
  title: "Lines without the kernel",
  byDefault: true,
  run,
  render,
  targets: () => [],
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  for (let round = 1; round <= bench.rounds; round++) {
    bench.say(`  round ${round} of ${bench.rounds}`);
    for (const format of REPLAYED) {
      const replay = (pauseMs: number) => replayed(bench, format, pauseMs);
      recorder.add(ALONE, { [format]: await replay(0) });
      const generator = bench.loads.run("opens", { ms: GENERATED_MS, path: OPENED });
      recorder.add(BESIDE, { [format]: await replay(0) });
      await generator;
      recorder.add(IN_BURSTS, { [format]: await replay(PAUSE_MS) });
    }
  }
  return recorder.samples;
}

/** µs of CPU an open. */
async function replayed(bench: Bench, format: string, pauseMs: number): Promise<number> {
  const ms = milliseconds(bench, REPLAY_MS);
  const permissions = ["--allow-read", "--allow-ffi"];
  const args = [PROGRAM, format, `${ms}`, `${pauseMs}`];
  return Number(
    await runProgram([Deno.execPath(), "run", "--quiet", "--no-check", ...permissions, ...args]),
  );
}

function render(samples: Samples): string {
  const each = (opens: string, format: string) => median(figure(samples, opens, format));
  const times = (format: string) => (each(IN_BURSTS, format) / each(ALONE, format)).toFixed(1);
  const both = (opens: string) =>
    REPLAYED.map((format) => each(opens, format).toFixed(2)).join(" and ");
  return `Opens like those of the generator, written into a ring in memory and taken out again, by the agent's own code:
µs of CPU an open, from the ring to the bytes of its line.

${
    sampleTable(samples, [
      column("text", "text", 2),
      column("JSON", "json", 2),
    ], "opens")
  }
At full speed the agent works in such bursts, for lines that are to come within 10 ms cannot wait longer. While it
sleeps its CPU and its caches are others', on a virtual machine those of other machines too: so here the same work
takes ${times("text")} times as much as text and ${
    times("json")
  } times as JSON, before the kernel has written a record.
That is what the aims for an open that is delivered, 0.3 and 0.6 µs, have to be held against: one after the other
these lines take ${both(ALONE)} µs, and ${both(IN_BURSTS)} µs in bursts.
`;
}
