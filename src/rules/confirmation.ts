/**
 * Confirms what the kernel's side matched but for the arguments, and does for such rules what it does
 * for all others: counts the matches, and holds back what is more than the rule's rate.
 * @module
 */
import { Cut, EventHeader, EventKindNumber, ExecEvent, Origin } from "../events/layout.gen.ts";
import type { RecordView } from "../outputs/output.ts";
import { argsOf, eventStart, word } from "../events/record.ts";
import { needsArguments } from "./compile.ts";
import { confirmArgs, type DeliveredArgs } from "./confirm.ts";
import { nameOf } from "./names.ts";
import type { Rule } from "./rule.ts";
import type { ConfirmedCounts } from "./rule_counters.ts";
import type { RuleNames } from "./rule_names.ts";

/** The rules of one set that ask for arguments, each with its bit. */
interface Candidates {
  readonly low: number;
  readonly high: number;
  readonly rules: readonly { readonly rule: Rule; readonly low: number; readonly high: number }[];
}

interface RuleCount {
  matches: number;
  suppressed: number;
  second: number;
  told: number;
}

const BITS = Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0);
const MOST_SETS = 16;
const BILLION = 1_000_000_000;

export class ArgsConfirmation {
  readonly #names: RuleNames;
  readonly #sets = new Map<number, Candidates>();
  readonly #counts = new Map<string, RuleCount>();

  constructor(names: RuleNames) {
    this.#names = names;
  }

  /** Of each rule that asks for arguments and matched; it only grows, also over sets. */
  get counts(): ConfirmedCounts {
    return this.#counts;
  }

  /** Whether the mask of the origin at `at` has bits that are to be confirmed. */
  isAsked(view: RecordView, at: number): boolean {
    const low = word(view, at, Origin.rulesLow);
    const high = word(view, at, Origin.rulesHigh);
    if ((low | high) === 0) return false;
    const candidates = this.#candidatesOf(word(view, at, Origin.ruleSet));
    return ((low & candidates.low) | (high & candidates.high)) !== 0;
  }

  /** Takes the rules off the mask of a record that the arguments speak against; counts the others. */
  confirm(view: RecordView, at: number): void {
    const args = argsIn(view, eventStart(view, at));
    const second = Math.floor(secondsOf(view, at));
    for (const { rule, low, high } of this.#candidatesOf(word(view, at, Origin.ruleSet)).rules) {
      const isMatch = ((word(view, at, Origin.rulesLow) & low) |
        (word(view, at, Origin.rulesHigh) & high)) !== 0;
      if (!isMatch) continue;
      if (confirmArgs(rule, args) && this.#count(rule, second)) continue;
      view.words[(at + Origin.rulesLow) >> 2] &= ~low;
      view.words[(at + Origin.rulesHigh) >> 2] &= ~high;
    }
  }

  /** Counts a match; false where the rule has no events told, or no more in that second. */
  #count(rule: Rule, second: number): boolean {
    const count = this.#counts.get(rule.name) ?? { matches: 0, suppressed: 0, second, told: 0 };
    this.#counts.set(rule.name, count);
    count.matches++;
    if (!rule.emit) return false;
    if (count.second !== second) Object.assign(count, { second, told: 0 });
    if (count.told >= (rule.rate ?? Infinity)) {
      count.suppressed++;
      return false;
    }
    count.told++;
    return true;
  }

  #candidatesOf(set: number): Candidates {
    const known = this.#sets.get(set);
    if (known !== undefined) return known;
    if (this.#sets.size === MOST_SETS) this.#sets.clear();
    const rules = BITS.flatMap((bit) => [
      ...this.#names.of(set, bit, 0).map((rule) => ({ rule, low: bit, high: 0 })),
      ...this.#names.of(set, 0, bit).map((rule) => ({ rule, low: 0, high: bit })),
    ]).filter(({ rule }) => needsArguments(rule));
    const candidates = {
      rules,
      low: rules.reduce((mask, { low }) => mask | low, 0),
      high: rules.reduce((mask, { high }) => mask | high, 0),
    };
    this.#sets.set(set, candidates);
    return candidates;
  }
}

function argsIn(view: RecordView, at: number): DeliveredArgs {
  const isExec = word(view, at, EventHeader.kind) === EventKindNumber.exec;
  // An attempt that failed has no arguments, and that is all there is to know.
  if (!isExec || (word(view, at, ExecEvent.error) | 0) < 0) return { args: [], whole: true };
  const args = argsOf(view, at, nameOf);
  const isCut = (word(view, at, ExecEvent.cut) & Cut.args) !== 0;
  return { args, whole: args.length > 0 && !isCut };
}

function secondsOf(view: RecordView, at: number): number {
  const high = word(view, at, EventHeader.timeHigh);
  return (high * 2 ** 32 + word(view, at, EventHeader.timeLow)) / BILLION;
}
