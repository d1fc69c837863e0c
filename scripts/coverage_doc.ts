/** The generated parts of docs/coverage.md, each between two marks. @module */
const root = new URL("../", import.meta.url);

/** Where the document is. */
export const DOCUMENT = new URL("docs/coverage.md", root);

/** The parts: two of the kernel matrix, of src/probes/coverage.ts, and of a comparison made by hand. */
export type Part = "matrix" | "bystanders" | "blind spots" | "peers";

/** What stands in the document as this part. */
export function partOf(text: string, part: Part): string {
  const { start, end } = find(text, part);
  return text.slice(start, end);
}

/** The document with another text as this part. */
export function withPart(text: string, part: Part, body: string): string {
  const { start, end } = find(text, part);
  return text.slice(0, start) + body + text.slice(end);
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |\n`).join("");
}

/** What would end a cell, or be taken for markup. */
function escapeCell(text: string): string {
  return text.replace(/[\\|*<[\]]|\b_|_\b/g, "\\$&");
}

function find(text: string, part: Part): { readonly start: number; readonly end: number } {
  const begin = `<!-- ${part}: generated -->\n`;
  const start = text.indexOf(begin) + begin.length;
  const end = text.indexOf(`<!-- end of ${part} -->`);
  if (start < begin.length || end < start) {
    throw new Error(`Cannot find "${part}" in docs/coverage.md: its marks are gone`);
  }
  return { start, end };
}
