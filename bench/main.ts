/** Measures the agent on this machine and writes docs/benchmarks.md. Run it as root. @module */
import { summary } from "./statistics.ts";
import { type IdleRun, runIdle } from "./startup.ts";

const ROUNDS = 7;
const IDLE_SECONDS = 10;

const runs: IdleRun[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  say(`idle, round ${round} of ${ROUNDS}`);
  runs.push(await runIdle(IDLE_SECONDS));
}

const rows = [
  ["start to ready", "ms", summary(runs.map((run) => run.readyMs), 0), "300"],
  ["idle", "% of a core", summary(runs.map((run) => run.cpuPercent), 2), "0.3"],
  ["resident memory", "MiB", summary(runs.map((run) => run.residentMiB), 1), "90"],
];
const table = rows.map((row) => `| ${row.join(" | ")} |\n`).join("");
const report = `# Benchmarks

Written by \`deno task bench\`: ${ROUNDS} rounds, the median with the least and the most. The machine is
shared and noisy; ratios say more than single figures.

${await machine()}

## From source, nothing asked of it

Idle is ${IDLE_SECONDS} s with every kind of event delivered, and only what the machine itself does.

| | unit | median (least to most) | at most |
|---|---|---|---|
${table}`;
await Deno.writeTextFile(new URL("../docs/benchmarks.md", import.meta.url), report);
say(report);

async function machine(): Promise<string> {
  const cpu = /model name\s*: (.*)/.exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1] ??
    "unknown";
  const kernel = Deno.osRelease();
  const cores = navigator.hardwareConcurrency;
  return `Machine: ${cores} × ${cpu}; Linux ${kernel}; Deno ${Deno.version.deno}.`;
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
