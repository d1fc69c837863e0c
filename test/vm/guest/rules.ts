/** Rules match the same by every hook that tells of opens. @module */
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import { assertOpenRules } from "../../harness/rule_deeds.ts";
import type { Check } from "./tap.ts";

/** One check for each hook. */
export function ruleChecks(): readonly Check[] {
  return CATALOGUE.open.map(({ name }) => ({
    name: `rules about opens match exactly what their conditions say, by ${name}`,
    run: () => assertOpenRules([`--probe.open=${name}`]),
  }));
}
