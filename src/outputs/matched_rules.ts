/** What a format makes of the rules that matched an event, each combination of them once. @module */
import { Origin } from "../events/layout.gen.ts";
import type { Rule } from "../rules/rule.ts";
import type { RuleNames } from "../rules/rule_names.ts";
import type { RecordView } from "./output.ts";
import { word } from "../events/record.ts";

/** Many rules that match in ever new combinations must not make the cache grow without end. */
const MOST_KEPT = 1024;

export class MatchedRules<Made> {
  readonly #names: RuleNames;
  readonly #make: (rules: readonly Rule[]) => Made;
  readonly #made = new Map<string, Made | undefined>();

  constructor(names: RuleNames, make: (rules: readonly Rule[]) => Made) {
    this.#names = names;
    this.#make = make;
  }

  /** What was made of the rules that the origin at `origin` names; undefined where it names none. */
  of(view: RecordView, origin: number): Made | undefined {
    const low = word(view, origin, Origin.rulesLow);
    const high = word(view, origin, Origin.rulesHigh);
    if ((low | high) === 0) return undefined;
    const set = word(view, origin, Origin.ruleSet);
    const key = `${set}:${high}:${low}`;
    return this.#made.has(key) ? this.#made.get(key) : this.#add(key, set, low, high);
  }

  #add(key: string, set: number, low: number, high: number): Made | undefined {
    if (this.#made.size === MOST_KEPT) this.#made.clear();
    const rules = this.#names.of(set, low, high);
    const made = rules.length === 0 ? undefined : this.#make(rules);
    this.#made.set(key, made);
    return made;
  }
}
