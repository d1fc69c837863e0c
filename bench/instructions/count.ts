/**
 * Counts the machine instructions that one more event takes, with valgrind: no clock, and nearly the same
 * number each time, however busy the machine is.
 *
 * V8 is made to compile in order and early: what is counted is the machine code that it makes when it knows
 * the types, as in a long run. Two runs of different length are compared, so its start and its compiling fall
 * out; both are long enough to have that behind them.
 * @module
 */
import { output } from "../../test/harness/process.ts";

/** What is counted, by the name of its work in replay.ts. */
export type Counted = (typeof COUNTED)[number];
export const COUNTED = ["text", "json"] as const;

/** Counts by kind of machine and engine, whose code they are about. */
export type Figures = Readonly<Record<string, Readonly<Record<Counted, number>>>>;

/** More than that above its figure is a failure. */
export const MOST_GROWTH = 0.15;

/** Whose instructions are counted. */
export const ENGINE = `${Deno.build.arch}, V8 ${
  Deno.version.v8.split(".").slice(0, 2).join(".")
}`;

const REPLAY = new URL("replay.ts", import.meta.url).pathname;
const FIGURES = new URL("instructions.json", import.meta.url);
const EVENTS_A_PASS = 200;
const PASSES = [300, 600] as const;
const V8_FLAGS = [
  "--predictable",
  "--predictable-gc-schedule",
  "--single-threaded",
  "--random-seed=1",
  "--hash-seed=1",
  "--invocation-count-for-maglev=30",
  "--invocation-count-for-maglev-osr=10",
  "--invocation-count-for-osr=20",
  "--invocation-count-for-turbofan=100",
];
const VALGRIND = [
  "valgrind",
  "--tool=exp-bbv",
  "--instr-count-only=yes",
  "--bb-out-file=/dev/null",
];
const TIMEOUT_MS = 300_000;

/** Instructions that an event takes, from the ring to the bytes of its line. */
export async function countPerEvent(work: Counted): Promise<number> {
  const [few, many] = PASSES;
  // Once without counting: what Deno and V8 keep of a program is not made in one run of the two.
  await output(replay(work, 1));
  const [short, long] = await Promise.all([countRun(work, few), countRun(work, many)]);
  return Math.round((long - short) / ((many - few) * EVENTS_A_PASS));
}

/** The committed figures. */
export function readFigures(): Figures {
  return JSON.parse(Deno.readTextFileSync(FIGURES));
}

/** Takes over figures for this machine and engine. */
export function writeFigures(counts: Readonly<Record<Counted, number>>): void {
  const figures = { ...readFigures(), [ENGINE]: counts };
  Deno.writeTextFileSync(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);
}

/** Instructions of the thread that runs the program: of all, the one with the most. */
async function countRun(work: Counted, passes: number): Promise<number> {
  const command = ["sh", "-c", 'exec "$@" 2>&1', "sh", ...VALGRIND, ...replay(work, passes)];
  const printed = await output(command, { timeoutMs: TIMEOUT_MS });
  const counts = [...printed.matchAll(/Total instructions: (\d+)/g)].map(([, count]) => Number(count));
  if (counts.length === 0) throw new Error(`Cannot count instructions: valgrind said\n${printed}`);
  return Math.max(...counts);
}

function replay(work: Counted, passes: number): readonly string[] {
  const flags = `--v8-flags=${V8_FLAGS.join(",")}`;
  const run = ["run", "--quiet", "--no-check", "--allow-read", flags];
  return [Deno.execPath(), ...run, REPLAY, work, String(passes)];
}
