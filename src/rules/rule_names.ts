/** Which rules a mask of the kernel's means. @module */
import type { Rule } from "./rule.ts";

/** Resolves the masks that events carry. */
export interface RuleNames {
  /**
   * The rules of the bits of a mask, given in two halves: bit n is rule n of the set of that number.
   * None where the set is not known any more. Each number means one set for good.
   */
  of(set: number, low: number, high: number): readonly Rule[];
}

/** For where there are no rules. */
export const NO_RULES: RuleNames = { of: () => [] };
