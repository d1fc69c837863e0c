/** The table of roads, hooks and kernels, out of what each machine reported. @module */
import { table } from "../../scripts/coverage_doc.ts";
import { type MatrixCell, readCells, readChosen } from "./cells.ts";

/** The part of docs/coverage.md that the kernel matrix gives, out of what each machine reported. */
export function coverageMatrix(remarks: ReadonlyMap<string, readonly string[]>): string {
  const cells = [...remarks].flatMap(([kernel, lines]) => readCells(kernel, lines));
  const choices = [...remarks].map(([kernel, lines]) => [kernel, readChosen(lines)]);
  return [
    `\nLinux ${
      [...remarks.keys()].join(", ")
    }, as Debian builds them for clouds. What stands in a `,
    "cell without a kernel holds for all of them.\n\n",
    "### Files opened\n\n",
    tableOf(cells.filter(({ kind }) => kind === "open")),
    "\n### Programs executed\n\n",
    tableOf(cells.filter(({ kind }) => kind === "exec")),
    "\n### The hook that is taken for opens\n\n",
    table(["kernel", "hook"], choices),
    "\n",
  ].join("");
}

function tableOf(cells: readonly MatrixCell[]): string {
  const hooks = unique(cells.map(({ hook }) => hook));
  const roads = unique(cells.map(({ road }) => road));
  const rows = roads.map((road) => [
    road,
    ...hooks.map((hook) =>
      merged(cells.filter((cell) => cell.road === road && cell.hook === hook))
    ),
  ]);
  return table(["road", ...hooks], rows);
}

/** One text for all kernels, or each text with the kernels it holds for. */
function merged(cells: readonly MatrixCell[]): string {
  const texts = unique(cells.map(({ text }) => text));
  if (texts.length === 1) return texts.join();
  return texts.map((text) => {
    const kernels = cells.filter((cell) => cell.text === text).map(({ kernel }) => kernel);
    return `${text} (${kernels.join(", ")})`;
  }).join("; ");
}

function unique(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}
