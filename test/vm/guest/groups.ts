/** The groups of checks, each of which is run in a machine of its own. @module */
import { failingChecks, hangingChecks, noChecks } from "./broken.ts";
import { bystanderChecks } from "./bystanders.ts";
import { conditionChecks } from "./conditions.ts";
import { hookChecks } from "./hooks.ts";
import { passwdChecks } from "./passwd.ts";
import { leastPrivilegeChecks, lockdownChecks } from "./privileges.ts";
import { ruleChecks } from "./rules.ts";
import type { Check } from "./tap.ts";
import { verifierChecks } from "./verifier.ts";

export const GROUPS: ReadonlyMap<string, () => readonly Check[]> = new Map([
  // What changes the kernel for good comes last.
  [
    "everything",
    () => [
      ...conditionChecks(),
      ...hookChecks(),
      ...ruleChecks(),
      ...passwdChecks(),
      ...verifierChecks(),
      ...leastPrivilegeChecks(),
      ...lockdownChecks(),
    ],
  ],
  // Parts of it, to find faults with.
  ["conditions", conditionChecks],
  ["hooks", hookChecks],
  ["rules", ruleChecks],
  ["passwd", passwdChecks],
  ["verifier", verifierChecks],
  ["privileges", () => [...leastPrivilegeChecks(), ...lockdownChecks()]],
  // It takes a machine whose clock counts instructions.
  ["bystanders", bystanderChecks],
  ["failing", failingChecks],
  ["hanging", hangingChecks],
  ["empty", noChecks],
]);
