/** What each program costs the kernel's verifier, and that it accepts all of them. @module */
import assert from "node:assert/strict";
import { readFeatures } from "../../../src/kernel/features.ts";
import { openLibbpf } from "../../../src/libbpf/library.ts";
import { type HookFeatures, planAttach } from "../../../src/probes/attach_plan.ts";
import { CATALOGUE, type ProbeProgram } from "../../../src/probes/catalogue.ts";
import { readImage } from "../../../src/probes/image.ts";
import { KINDS } from "../../harness/ledger.ts";
import { COST, MOST_INSTRUCTIONS } from "../verifier_costs.ts";
import type { Check } from "./tap.ts";
import { verify } from "./verifier_log.ts";

/** One check for all programs that any hook needs on this kernel. */
export function verifierChecks(): readonly Check[] {
  return [{
    name: `the verifier accepts each program within ${MOST_INSTRUCTIONS} instructions`,
    // deno-lint-ignore require-await -- a check is
    run: async () => {
      using libbpf = openLibbpf();
      using features = readFeatures(libbpf.libc);
      const verdicts = verify(readImage(features.casts), programsOf(features));
      const refused = verdicts.flatMap((verdict) =>
        "refused" in verdict ? [`${verdict.program}: ${verdict.refused}`] : []
      );
      assert.deepEqual(refused, []);
      const costs = verdicts.flatMap((verdict) =>
        "instructions" in verdict ? [[verdict.program, verdict.instructions] as const] : []
      );
      const dear = costs.filter(([, instructions]) => instructions > MOST_INSTRUCTIONS);
      assert.deepEqual(dear, []);
      return costs.map(([program, instructions]) => `${COST} ${program} ${instructions}`).join(
        "\n",
      );
    },
  }];
}

/** The programs of every hook, each once, aimed at what this kernel has. */
function programsOf(features: HookFeatures): readonly ProbeProgram[] {
  const programs = KINDS.flatMap((kind) =>
    CATALOGUE[kind].flatMap((hook) => {
      const choice = planAttach(CATALOGUE, features, [], { [kind]: hook.name })[kind];
      return choice.state === "chosen" ? choice.programs : [];
    })
  );
  return [...new Map(programs.map((program) => [program.name, program])).values()];
}
