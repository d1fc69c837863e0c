/** What the machines' remarks become in docs/coverage.md and docs/verifier.md. @module */
import { DOCUMENT as COVERAGE_DOC, withPart } from "../../scripts/coverage_doc.ts";
import { readCells } from "../adversary/cells.ts";
import { coverageMatrix } from "../adversary/matrix.ts";
import { bystanderTable } from "./bystander_table.ts";
import { type Release, RELEASES } from "./kernels.ts";
import { costTable, MOST_INSTRUCTIONS, renderCosts } from "./verifier_costs.ts";

/** What each kernel's machines told. */
export type Remarks = ReadonlyMap<Release, readonly string[]>;

export const VERIFIER_DOC = new URL("../../docs/verifier.md", import.meta.url);

/** Writes both documents. Throws where chance kept a cell from being measured. */
export async function writeDocuments(found: Remarks): Promise<void> {
  const remarks = new Map(RELEASES.map((release) => [release, found.get(release) ?? []]));
  for (const [release, lines] of remarks) {
    const unheard = readCells(release, lines).filter(({ text }) => text === "unheard");
    if (unheard.length === 0) continue;
    const roads = unheard.map(({ road, hook }) => `${road} by ${hook}`).join(", ");
    throw new Error(
      `Cannot write docs/coverage.md: Linux ${release} missed ${roads}. Run it again`,
    );
  }
  const coverage = await Deno.readTextFile(COVERAGE_DOC);
  const withMatrix = withPart(coverage, "matrix", coverageMatrix(remarks));
  await Deno.writeTextFile(
    COVERAGE_DOC,
    withPart(withMatrix, "bystanders", bystanderTable(remarks)),
  );
  await Deno.writeTextFile(VERIFIER_DOC, verifierDocument(remarks));
}

function verifierDocument(remarks: Remarks): string {
  const most = MOST_INSTRUCTIONS.toLocaleString("en-US");
  return `# What the programs cost the kernel's verifier

Instructions that the kernel verifies before it accepts a program, with everything switched on that
settings can switch. A dash: no hook needs the program on that kernel, or it has no place for it. Kernels
refuse a program from a million on; the tests fail from ${most} on.

Made by \`deno task kernels\`, from Debian's kernels.

${renderCosts(costTable(remarks), RELEASES)}`;
}
