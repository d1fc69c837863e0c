/** Cells of the table of roads, hooks and kernels, as lines of a machine's report. @module */
import { show, type Verdict } from "./verdict.ts";

/** One cell of the table. */
export interface MatrixCell {
  readonly kernel: string;
  readonly kind: string;
  readonly hook: string;
  readonly road: string;
  readonly text: string;
}

const CELL = "cell";
const CHOSEN = "chosen";

/** A cell as a line of a machine's report. */
export function cellLine(
  { kind, hook, road, verdict }:
    & Pick<MatrixCell, "kind" | "hook" | "road">
    & { readonly verdict: Verdict },
): string {
  return [CELL, kind, hook, road, show(verdict)].join("\t");
}

/** The hook that opens are watched by where nobody asks for another, as a line of a machine's report. */
export function chosenLine(hook: string): string {
  return [CHOSEN, hook].join("\t");
}

/** The cells among the lines that a machine reported. */
export function readCells(kernel: string, lines: readonly string[]): readonly MatrixCell[] {
  return lines.map((line) => line.split("\t")).filter(([what]) => what === CELL)
    .map(([, kind = "", hook = "", road = "", text = ""]) => ({ kernel, kind, hook, road, text }));
}

/** The chosen hook among the lines that a machine reported. */
export function readChosen(lines: readonly string[]): string {
  return lines.map((line) => line.split("\t")).filter(([what]) => what === CHOSEN)
    .map(([, hook]) => hook).join();
}
