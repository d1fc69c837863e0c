/** Runs that must not count as good: they prove that the others are looked at. @module */
import { sleep } from "../../harness/process.ts";
import type { Check } from "./tap.ts";

const GOOD: Check = { name: "a check that holds", run: () => Promise.resolve() };

export function failingChecks(): readonly Check[] {
  return [GOOD, { name: "a check that does not hold", run: () => Promise.reject("on purpose") }];
}

export function hangingChecks(): readonly Check[] {
  return [GOOD, { name: "a check without an end", run: () => sleep(2 ** 31 - 1) }];
}

export function noChecks(): readonly Check[] {
  return [];
}
