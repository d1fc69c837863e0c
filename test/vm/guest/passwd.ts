/** Reads of /etc/passwd are told by who asked, by the hook that the agent chooses here. @module */
import { assertPasswdReads } from "../../passwd/passwd_reads.ts";
import { ownGround } from "./ground.ts";
import type { Check } from "./tap.ts";

export function passwdChecks(): readonly Check[] {
  return [{
    name: "reads of /etc/passwd are told from the name service's by the chosen hook",
    run: async () => assertPasswdReads([], await ownGround()),
  }];
}
