/** The groups of checks, each of which is run in a machine of its own. @module */
import { failingChecks, hangingChecks, noChecks } from "./broken.ts";
import { bystanderChecks } from "./bystanders.ts";
import { conditionChecks } from "./conditions.ts";
import { coverageChecks } from "./coverage.ts";
import { hookChecks } from "./hooks.ts";
import { passwdChecks } from "./passwd.ts";
import { confidentialityChecks, integrityChecks, leastPrivilegeChecks } from "./privileges.ts";
import { ruleChecks } from "./rules.ts";
import type { Check } from "./tap.ts";
import { verifierChecks } from "./verifier.ts";

export const GROUPS: ReadonlyMap<string, () => readonly Check[]> = new Map([
  ["hooks", hookChecks],
  ["coverage", coverageChecks],
  ["conditions", () => [...conditionChecks(), ...leastPrivilegeChecks(), ...verifierChecks()]],
  ["bystanders", bystanderChecks],
  ["integrity", integrityChecks],
  ["confidentiality", confidentialityChecks],
  ["rules", ruleChecks],
  ["passwd", passwdChecks],
  ["verifier", verifierChecks],
  ["failing", failingChecks],
  ["hanging", hangingChecks],
  ["empty", noChecks],
]);
