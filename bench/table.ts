/** Tables in Markdown. @module */
import { figure, type Samples } from "./samples.ts";
import { summary } from "./statistics.ts";

/** A column of a table of samples. */
export interface Column {
  readonly title: string;
  /** The values of one tool. */
  readonly values: (samples: Samples, tool: string) => readonly number[];
  readonly digits: number;
}

/** A column that shows one figure as it is, or multiplied. */
export function column(title: string, name: string, digits: number, factor = 1): Column {
  const values = (samples: Samples, tool: string) =>
    figure(samples, tool, name).map((value) => value * factor);
  return { title, values, digits };
}

/** A line for each tool that was measured. */
export function sampleTable(
  samples: Samples,
  columns: readonly Column[],
  firstTitle = "",
): string {
  const rows = Object.keys(samples).map((tool) => [
    tool,
    ...columns.map(({ values, digits }) => summary(values(samples, tool), digits)),
  ]);
  return table([firstTitle, ...columns.map(({ title }) => title)], rows);
}

/** Any table; each line ends with a newline. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return line(titles) + line(titles.map(() => "---")) + rows.map(line).join("");
}
