/** What a call of sudo came to, in words. @module */
import type { Log } from "../log.ts";
import type { SudoOutcome } from "./sessions.ts";

const MIDDLE: Readonly<Record<SudoOutcome["outcome"], string>> = {
  success: "",
  refused: "refused: ",
  unknown: "how it ended is not known, since events were lost or too many calls ran at once: ",
};

/** Says it, as `sudo: deploy → root: /usr/bin/systemctl restart nginx`. */
export function logSudo(log: Log, { outcome, user, target, pid, command }: SudoOutcome): void {
  const fields = { outcome, user, target, pid };
  log.info(`sudo: ${user} → ${target}: ${MIDDLE[outcome]}${command}`, fields);
}
