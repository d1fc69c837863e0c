/** What rules cost an open inside the kernel: with none, one, eight and 64 of a kind. @module */
import { parseMetrics, samples as samplesOf } from "../../test/harness/metrics.ts";
import { OPENED } from "../loads.ts";
import { figure, Recorder, type Samples } from "../samples.ts";
import { type Bench, milliseconds, type Section } from "../section.ts";
import { median, ratios } from "../statistics.ts";
import { column, sampleTable } from "../table.ts";
import { atMost } from "../targets.ts";
import { agentTool } from "../tools/agent.ts";
import type { RunningTool, Tool } from "../tools/tool.ts";

const COUNTS = [1, 8, 64] as const;
const LOAD_MS = 300;
/** Loads for each start of the agents. */
const LOADS = 5;

/** A rule about opens, by its number; none of them matches what is opened. */
type RuleMaker = (n: number) => Readonly<Record<string, unknown>>;

/** Rules by what they look at. */
const KINDS: Readonly<Record<string, RuleMaker>> = {
  "exact paths": (n) => ({ path: `/etc/secret${n}` }),
  "prefixes": (n) => ({ path: `/opt/some${n}/**` }),
  "everything": (n) => ({
    path: [`/etc/secret${n}`, `name${n}`, `/opt/some${n}/**`, `*.ending${n}`],
    exe: [`/usr/bin/some${n}`, "/opt/**", "opens"],
    uid: [0, 1000 + n],
    access: "read",
    not: { comm: `nobody${n}` },
  }),
};

export const rules: Section = {
  name: "rules",
  title: "Rules",
  byDefault: true,
  run,
  render,
  targets,
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  for (const [kind, make] of Object.entries(KINDS)) {
    const tools = await Promise.all(
      [0, ...COUNTS].map((count) => agentWith(bench, kind, count, make)),
    );
    for (let round = 1; round <= bench.rounds; round++) {
      bench.say(`  round ${round} of ${bench.rounds}: ${kind}`);
      // The first to be attached meets what is not in the caches yet: each in turn.
      const turn = round % tools.length;
      const inTurn = [...tools.slice(turn), ...tools.slice(0, turn)];
      for (const [name, ns] of await measure(bench, inTurn)) recorder.add(name, { ns });
    }
  }
  return recorder.samples;
}

async function agentWith(
  bench: Bench,
  kind: string,
  count: number,
  make: RuleMaker,
): Promise<Tool> {
  const path = `${bench.folder}/rules-${kind.replaceAll(" ", "-")}-${count}.yaml`;
  const list = Array.from({ length: count }, (_, n) => ({ name: `r${n}`, on: "open", ...make(n) }));
  await Deno.writeTextFile(path, JSON.stringify({ rules: list }));
  const [way] = bench.agent.ways;
  const options = ["--bpf.stats", "--output=none", `--config.file=${path}`];
  return agentTool(nameOf(kind, count), way.command, options);
}

/**
 * All at once, so that each sees the very same opens and the kernel times each program for itself: what
 * disturbs the machine disturbs all of them.
 */
async function measure(
  bench: Bench,
  tools: readonly Tool[],
): Promise<readonly (readonly [name: string, ns: number])[]> {
  await using stack = new AsyncDisposableStack();
  const running: RunningTool[] = [];
  for (const tool of tools) running.push(stack.use(await tool.start("/dev/null")));
  const load = () => bench.loads.run("opens", { ms: milliseconds(bench, LOAD_MS), path: OPENED });
  await load();
  const found = tools.map((): number[] => []);
  for (let n = 0; n < LOADS; n++) {
    const before = await Promise.all(running.map(programSeconds));
    const { count } = await load();
    const after = await Promise.all(running.map(programSeconds));
    found.forEach((list, i) => list.push((after[i] - before[i]) / count * 1e9));
  }
  return tools.map(({ name }, i) => [name, median(found[i])] as const);
}

/** The time that all programs of an agent have taken. */
async function programSeconds({ url }: RunningTool): Promise<number> {
  const metrics = parseMetrics(await (await fetch(`${url}/metrics`)).text());
  return samplesOf(metrics, "ebpf_agent_program_run_seconds_total")
    .reduce((sum, [, seconds]) => sum + seconds, 0);
}

function nameOf(kind: string, count: number): string {
  return `${count} with ${kind}`;
}

function render(samples: Samples): string {
  return "The time that the agent's programs take in the kernel for an open and a close, in nanoseconds, while an " +
    'agent with each number of rules sees the same opens. None of the rules matches; "everything" asks for path, ' +
    "program, user, access and name.\n\n" +
    sampleTable(samples, [column("ns an open and close", "ns", 0)], "rules");
}

function targets(samples: Samples) {
  return Object.keys(KINDS).flatMap((kind) =>
    COUNTS.slice(1).map((count) =>
      atMost({
        what: `an open with ${count} rules with ${kind}, of what it costs with one`,
        values: ratios(
          figure(samples, nameOf(kind, count), "ns"),
          figure(samples, nameOf(kind, 1), "ns"),
        ),
        limit: 1.1,
        unit: " ×",
        digits: 2,
      })
    )
  );
}
