/** The groups of checks, each of which is run in a machine of its own. @module */
import { hookChecks } from "./hooks.ts";
import type { Check } from "./tap.ts";

export const GROUPS: ReadonlyMap<string, () => readonly Check[]> = new Map([
  ["hooks", hookChecks],
]);
