/**
 * Counts the machine instructions that an event takes, with valgrind: no clock, and the same number each time
 * to a thousandth, however busy the machine is.
 *
 * V8 is made to compile in order, on the one thread. After a long warm-up several stretches of the same work are
 * counted, and the least counts: what V8 still compiles falls into one or the other of them.
 * @module
 */
import { output } from "../../test/harness/process.ts";
import type { Replayed } from "../replay/replay.ts";

/** Instructions an event, by the kind of machine and engine whose code they are. */
export type Figures = Readonly<Record<string, Readonly<Record<Replayed, number>>>>;

/** More than that above its figure is a failure. */
export const MOST_GROWTH = 0.15;

/** Whose instructions are counted. */
export const ENGINE = `${Deno.build.arch}, V8 ${Deno.version.v8.split(".").slice(0, 2).join(".")}`;

const FIGURES = new URL("instructions.json", import.meta.url);
const HERE = new URL(".", import.meta.url).pathname;
const V8_FLAGS = [
  "--predictable",
  "--predictable-gc-schedule",
  "--single-threaded",
  "--random-seed=1",
  "--hash-seed=1",
];
const TIMEOUT_MS = 240_000;

/** Instructions an event takes, averaged over those that were recorded. */
export async function countPerEvent(work: Replayed): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "instructions-" });
  try {
    const library = await compileRegion(folder);
    const printed = await output([
      "valgrind",
      "--quiet",
      "--tool=callgrind",
      "--instr-atstart=no",
      "--separate-threads=yes",
      `--callgrind-out-file=${folder}/counts`,
      Deno.execPath(),
      ...["run", "--quiet", "--no-check", "--allow-read", "--allow-ffi"],
      `--v8-flags=${V8_FLAGS.join(",")}`,
      `${HERE}regions.ts`,
      work,
      library,
    ], { timeoutMs: TIMEOUT_MS });
    return Math.round(Math.min(...await readCounts(folder)) / Number(printed.trim()));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The committed figures. */
export function readFigures(): Figures {
  return JSON.parse(Deno.readTextFileSync(FIGURES));
}

/** Takes over figures for this machine and engine. */
export function writeFigures(counts: Readonly<Record<Replayed, number>>): void {
  const figures = { ...readFigures(), [ENGINE]: counts };
  Deno.writeTextFileSync(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);
}

/** Instructions of the main thread in each stretch: callgrind writes a file for each, and each thread. */
async function readCounts(folder: string): Promise<readonly number[]> {
  const counts: number[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!/^counts\.\d+-01$/.test(name)) continue;
    const total = /^totals: (\d+)$/m.exec(await Deno.readTextFile(`${folder}/${name}`))?.[1];
    if (total !== undefined) counts.push(Number(total));
  }
  if (counts.length === 0) throw new Error("Cannot count instructions: valgrind wrote no counts");
  return counts;
}

async function compileRegion(folder: string): Promise<string> {
  const library = `${folder}/region.so`;
  await output(["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library, `${HERE}region.c`]);
  return library;
}
