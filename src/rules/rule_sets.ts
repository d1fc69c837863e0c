/** The last sets of rules that were in use, by the numbers that events carry. @module */
import type { Rule } from "./rule.ts";
import type { RuleNames } from "./rule_names.ts";

/** Events of older sets have left the rings long before so many reloads are over. */
const KEPT = 64;

export class RuleSets implements RuleNames {
  readonly #sets = new Map<number, readonly Rule[]>();

  /** Takes a set in under a number that was not used before. */
  add(number: number, rules: readonly Rule[]): void {
    this.#sets.set(number, rules);
    for (const old of this.#sets.keys()) {
      if (this.#sets.size <= KEPT) break;
      this.#sets.delete(old);
    }
  }

  of(set: number, low: number, high: number): readonly Rule[] {
    const rules = this.#sets.get(set) ?? [];
    return rules.filter((_, bit) => ((bit < 32 ? low : high) >>> (bit & 31) & 1) === 1);
  }
}
