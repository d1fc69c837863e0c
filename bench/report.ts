/** Writes docs/benchmarks.md from what was measured. @module */
import { figure, type Result, type Samples } from "./samples.ts";
import type { Section } from "./section.ts";
import { summary } from "./statistics.ts";
import { table } from "./table.ts";

/** What the whole report is made from. */
export interface Facts {
  readonly machine: readonly string[];
  readonly peers: readonly string[];
  readonly wakeups: Samples;
}

/** A section with its last result. */
export interface Chapter {
  readonly section: Section;
  readonly result: Result | undefined;
}

/** A core that is busy to this share with other things spoils what is measured beside it. */
const TOO_BUSY = 0.2;

export function renderReport(facts: Facts, chapters: readonly Chapter[]): string {
  return [
    HEAD,
    warnings(chapters),
    "## What the agent has to show\n\nThe median decides. Rates and CPU are those of the agent with every default " +
    "feature on.\n\n" + targetTable(chapters),
    flattery(facts),
    `## Machine and tools\n\n${bullets(facts.machine)}\n${bullets(facts.peers)}`,
    ...chapters.map(chapter),
  ].filter((part) => part !== "").join("\n");
}

const HEAD = `# Benchmarks

Written by \`deno task bench\`, which anybody can run as root on Debian. Each figure is the median of interleaved rounds
(every tool in turn, then all again), with the least and the most in brackets; ratios are taken round by round.

- CPU is what the kernel accounts to the tool's processes and threads, to the nanosecond, from before the load until the
  tool is at rest again. What a tool's programs cost inside the traced program is seen in that program's rate.
- An open is \`openat\` and \`close\` of ${"`/etc/hostname`"}, by a generator in C that stays on one CPU.
- Tools print to \`/dev/null\` where only CPU is measured, and to a file in memory where their lines are counted.
`;

function warnings(chapters: readonly Chapter[]): string {
  const of = (what: (result: Result) => boolean) =>
    chapters.filter(({ result }) => result !== undefined && what(result)).map(({ section }) =>
      section.name
    );
  const quick = of(({ quick }) => quick);
  const busy = of(({ busy, stolen }) => busy + stolen > TOO_BUSY);
  return (quick.length === 0
    ? ""
    : `**Of a quick run, and not to be quoted: ${quick.join(", ")}.**\n`) +
    (busy.length === 0
      ? ""
      : `**Measured while this machine, or the one below it, was busy with other things: ${
        busy.join(", ")
      }.**\n`);
}

function targetTable(chapters: readonly Chapter[]): string {
  const targets = chapters.flatMap(({ section, result }) => section.targets(result?.samples ?? {}));
  const verdict = (reached: boolean | undefined) =>
    reached === undefined ? "not measured" : reached ? "reached" : "**not reached**";
  return table(
    ["", "aim", "measured", ""],
    targets.map(({ what, aim, measured, reached }) => [what, aim, measured, verdict(reached)]),
  );
}

function flattery({ wakeups }: Facts): string {
  const cost = (name: string) => summary(figure(wakeups, name, "cost"), 1);
  return `## What flatters the agent here

opensnoop, execsnoop, bpftrace and perf trace wake their reader at every event; the agent has itself woken for a record
that comes alone, and for all that come within some milliseconds together. How much that is worth depends on what a
wake-up costs. On this machine a write to a pipe costs its writer
${cost("reader asleep")} µs where a reader sleeps on another CPU, and ${
    cost("no reader")
  } µs where nobody waits.
On a nested virtual machine, as the one this was developed on, a wake-up is an exit to the hypervisor; on bare metal it
costs a fraction, and so the ratios against tools that wake at every event are smaller there. So the tables also hold the
peers without it, as far as that can be done:

- *wake-ups taken out*: the same opensnoop and execsnoop, whose perf buffers are made to wake them when half full
  (bench/load/no_wakeups.c, by \`LD_PRELOAD\`). They then lose what comes in bursts, and deliver late: it shows what the
  wake-ups cost, and is nothing to work with.
- *bpftrace, counting only*: a counter in the kernel, nothing delivered. What is left is the cost of the hook.

## What does not

At some ten or hundred events a second each wake-up is for one or two of them, as the peers' are, and one of the agent's
costs more: a JavaScript engine touches more memory than a program in C, and none of it is in the CPU's caches by then. So
there the agent takes several times the CPU of opensnoop and execsnoop, which the tables show at 100 a second. Waiting
longer would make that less, and each line late: it tells 99 of 100 lines within 10 ms instead. From a thousand a second
on it takes less than they do.
`;
}

function chapter({ section, result }: Chapter): string {
  if (result === undefined) return `## ${section.title}\n\nNot measured yet.\n`;
  const rounds = result.rounds === 1 ? "one round" : `${result.rounds} rounds`;
  const date = result.takenAt.slice(0, 10);
  const cores = (count: number) => `${count.toFixed(2)} cores`;
  return `## ${section.title}\n\n${section.render(result.samples)}\n` +
    `*${date}, ${rounds}. Other programs kept ${
      cores(result.busy)
    } busy just before; the hypervisor gave ` +
    `${cores(result.stolen)} of this machine's to others meanwhile.*\n`;
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}\n`).join("");
}
