/** What a machine reported, held against the table of roads, hooks and kernels in docs/coverage.md. @module */
import { readCells, readChosen } from "./cells.ts";

/** How a machine's report deviates from the part of the document that coverageMatrix() made. */
export function deviations(
  part: string,
  kernel: string,
  lines: readonly string[],
): readonly string[] {
  const documented = readDocumented(part, kernel);
  const measured = new Map(
    readCells(kernel, lines).map(({ kind, hook, road, text }) => [keyOf(kind, hook, road), text]),
  );
  measured.set(CHOSEN, readChosen(lines));
  return [...new Set([...documented.keys(), ...measured.keys()])]
    // A program that was not run, once, is chance; the agent has counted it.
    .filter((key) => measured.get(key) !== "unheard")
    .filter((key) => measured.get(key) !== documented.get(key))
    .map((key) =>
      `Linux ${kernel}, ${key}: ${measured.get(key)}, and in the document ${documented.get(key)}`
    );
}

const CHOSEN = "the hook that is taken for opens";

/** The tables of the part, in their order. */
const KINDS = ["open", "exec"] as const;

function readDocumented(part: string, kernel: string): Map<string, string> {
  const tables = part.split("### ").slice(1).map(readTable);
  const cells = new Map<string, string>();
  for (const [index, kind] of KINDS.entries()) {
    const [[, ...hooks] = [], ...rows] = tables[index] ?? [];
    for (const [road = "", ...texts] of rows) {
      for (const [column, hook] of hooks.entries()) {
        cells.set(keyOf(kind, hook, road), textFor(kernel, texts[column] ?? ""));
      }
    }
  }
  const choice = tables[KINDS.length]?.find(([release]) => release === kernel)?.[1];
  if (choice !== undefined) cells.set(CHOSEN, choice);
  return cells;
}

function keyOf(kind: string, hook: string, road: string): string {
  return `${kind} by ${hook}: ${road}`;
}

/** The header and the rows of the first table of a text. */
function readTable(text: string): readonly (readonly string[])[] {
  return text.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
    .map((line) => line.slice(2, -2).split(" | ").map((cell) => cell.replaceAll(/\\(.)/g, "$1")));
}

/** One text for all kernels, or each text with the kernels it holds for. */
function textFor(kernel: string, cell: string): string {
  const parts = cell.split("; ").map((part) => /^(.*) \(([\d., ]+)\)$/.exec(part));
  const found = parts.find((part) => part?.[2]?.split(", ").includes(kernel));
  return found?.[1] ?? cell;
}
