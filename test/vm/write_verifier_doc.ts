/** Writes docs/verifier.md: boots every kernel, and asks what each program costs its verifier. @module */
import { RELEASES } from "./kernels.ts";
import { runGroup } from "./run_group.ts";
import { costTable, MOST_INSTRUCTIONS, renderCosts } from "./verifier_costs.ts";

export const VERIFIER_DOC = new URL("../../docs/verifier.md", import.meta.url);

function document(table: string): string {
  return `# What the programs cost the kernel's verifier

Instructions that the kernel verifies before it accepts a program, with everything switched on that
settings can switch. A dash: no hook needs the program on that kernel, or it has no place for it. Kernels
refuse a program from a million on; the tests fail from ${
    MOST_INSTRUCTIONS.toLocaleString("en-US")
  } on.

Made by \`deno run -A test/vm/write_verifier_doc.ts\`, from Debian's kernels.

${table}`;
}

if (import.meta.main) {
  const measured = [];
  for (const release of RELEASES) {
    const { problems, remarks } = await runGroup(release, "verifier");
    if (problems.length > 0) throw new Error(`Cannot tell costs on Linux ${release}: ${problems}`);
    measured.push([release, remarks] as const);
  }
  const table = costTable(new Map(measured));
  await Deno.writeTextFile(VERIFIER_DOC, document(renderCosts(table, RELEASES)));
}
