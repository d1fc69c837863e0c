/** Makes the matrix of docs/coverage.md anew: boots every kernel, and surveys each of its hooks. @module */
import { DOCUMENT, withPart } from "../../scripts/coverage_doc.ts";
import { coverageMatrix } from "../adversary/matrix.ts";
import { type Release, RELEASES } from "./kernels.ts";
import { runGroup } from "./run_group.ts";

const remarks = new Map<Release, readonly string[]>();
for (const release of RELEASES) {
  const verdict = await runGroup(release, "coverage");
  if (verdict.problems.length > 0) {
    throw new Error(`Cannot survey Linux ${release}: ${verdict.problems.join("; ")}`);
  }
  remarks.set(release, verdict.remarks);
}
const text = await Deno.readTextFile(DOCUMENT);
await Deno.writeTextFile(DOCUMENT, withPart(text, "matrix", coverageMatrix(remarks)));
