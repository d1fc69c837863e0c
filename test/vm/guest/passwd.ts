/** Reads of /etc/passwd are told by who asked, by every hook that tells of opens. @module */
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import { assertPasswdReads } from "../../passwd/passwd_reads.ts";
import type { Check } from "./tap.ts";

/** One check for each hook. */
export function passwdChecks(): readonly Check[] {
  return CATALOGUE.open.map(({ name }) => ({
    name: `reads of /etc/passwd are told from the name service's by ${name}`,
    run: async () => {
      await makePasswd();
      await assertPasswdReads([`--probe.open=${name}`], { inside: () => [] });
    },
  }));
}

/** The machine's own file is the watched one: nobody else needs it. */
export async function makePasswd(): Promise<void> {
  await Deno.mkdir("/etc", { recursive: true });
  await Deno.writeTextFile("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
}
