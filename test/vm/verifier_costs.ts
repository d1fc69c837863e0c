/** What each BPF program costs the verifier on each kernel, as a table. @module */
import type { Release } from "./kernels.ts";

/** What stands in front of a program and its instructions among a machine's remarks. */
export const COST = "verifier";
/** A program that costs more on any kernel is too dear; kernels refuse it from a million on. */
export const MOST_INSTRUCTIONS = 100_000;

/** Instructions verified, by program and release. */
export type CostTable = ReadonlyMap<string, Readonly<Partial<Record<Release, number>>>>;

/** Reads the costs from the remarks of each kernel's machine. */
export function costTable(
  remarks: ReadonlyMap<Release, readonly string[]>,
): CostTable {
  const table = new Map<string, Partial<Record<Release, number>>>();
  for (const [release, lines] of remarks) {
    for (const line of lines) {
      const [, program, instructions] = PATTERN.exec(line) ?? [];
      if (program === undefined) continue;
      table.set(program, { ...table.get(program), [release]: Number(instructions) });
    }
  }
  return new Map([...table].toSorted(([a], [b]) => a < b ? -1 : 1));
}

/** The table in Markdown; a dash where a kernel has no place for the program. */
export function renderCosts(table: CostTable, releases: readonly Release[]): string {
  const rows = [...table].map(([program, costs]) => [
    `\`${program}\``,
    ...releases.map((release) => costs[release]?.toLocaleString("en-US") ?? "–"),
  ]);
  return [["program", ...releases], ["---", ...releases.map(() => "--:")], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** Reads a table back from Markdown. */
export function parseCosts(markdown: string): CostTable {
  const [header = [], , ...rows] = markdown.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const releases = header.slice(1) as Release[];
  return new Map(rows.map(([program = "", ...cells]) => [
    program.replaceAll("`", ""),
    Object.fromEntries(
      releases.map((release, i) => [release, Number(cells[i]?.replaceAll(",", ""))] as const)
        .filter(([, instructions]) => !Number.isNaN(instructions)),
    ),
  ]));
}

const PATTERN = new RegExp(`^${COST} (\\S+) (\\d+)$`);
