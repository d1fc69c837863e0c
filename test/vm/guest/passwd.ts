/** Reads of /etc/passwd are told by who asked, by every hook that tells of opens. @module */
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import { assertPasswdReads } from "../../passwd/passwd_reads.ts";
import { ownGround } from "./ground.ts";
import type { Check } from "./tap.ts";

/** One check for each hook. */
export function passwdChecks(): readonly Check[] {
  return CATALOGUE.open.map(({ name }) => ({
    name: `reads of /etc/passwd are told from the name service's by ${name}`,
    run: async () => assertPasswdReads([`--probe.open=${name}`], await ownGround()),
  }));
}
