/** Rules held against a recording: what they match, and where they did otherwise when it was made. @module */
import { EventHeader, Origin } from "../events/layout.gen.ts";
import { eventStart, word } from "../events/record.ts";
import { compare, type Difference } from "../rules/comparison.ts";
import { judge } from "../rules/matcher.ts";
import type { Rule } from "../rules/rule.ts";
import { factsOf } from "./facts.ts";
import { readRecording, type RecordedRecord, RecordingError, type Source } from "./reader.ts";

export interface Replay {
  readonly events: number;
  /** By the name of the rule. */
  readonly matched: ReadonlyMap<string, number>;
  /** Events of which the recording does not tell enough to say. */
  readonly undecided: ReadonlyMap<string, number>;
  /** Events at which a rule of the same name did otherwise in the kernel; the first of them. */
  readonly differences: readonly Difference[];
  readonly differing: number;
  /** Events of which it is known whether any of these rules matched then. */
  readonly compared: number;
  /** Why what comes after these events cannot be read. */
  readonly damage: RecordingError | undefined;
}

/** Reads a recording as far as it is whole. */
export function replay(source: Source, rules: readonly Rule[], mostDifferences: number): Replay {
  const tally = new Tally(source.name, rules, mostDifferences);
  try {
    for (const record of readRecording(source)) tally.take(record);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return { ...tally.result, damage: error };
  }
  return { ...tally.result, damage: undefined };
}

/** Which of the rules that there were when a record was written matched its event. */
export interface NamesThen {
  readonly all: readonly string[];
  readonly matched: readonly string[];
}

/** The rules that there were when a record was written, and those that matched; if that is told. */
export function namesThen({ view, at, rules }: RecordedRecord): NamesThen | undefined {
  const hasOrigin = eventStart(view, at) !== at;
  // What has no origin matched no rule of the set that was told of last.
  const all = hasOrigin ? rules.get(word(view, at, Origin.ruleSet)) : [...rules.values()].at(-1);
  if (all === undefined || !hasOrigin) return all && { all, matched: [] };
  const bits = [word(view, at, Origin.rulesLow), word(view, at, Origin.rulesHigh)];
  return { all, matched: all.filter((_, bit) => (bits[bit >> 5] >>> (bit & 31) & 1) === 1) };
}

/** What rules do at the records of a recording, which come one after the other. */
class Tally {
  readonly #name: string;
  readonly #rules: readonly Rule[];
  readonly #mostDifferences: number;
  readonly #matched: Map<string, number>;
  readonly #undecided = new Map<string, number>();
  readonly #differences: Difference[] = [];
  #events = 0;
  #differing = 0;
  #compared = 0;

  constructor(name: string, rules: readonly Rule[], mostDifferences: number) {
    this.#name = name;
    this.#rules = rules;
    this.#mostDifferences = mostDifferences;
    this.#matched = new Map(rules.map((rule) => [rule.name, 0]));
  }

  get result(): Omit<Replay, "damage"> {
    return {
      events: this.#events,
      matched: this.#matched,
      undecided: this.#undecided,
      differences: this.#differences,
      differing: this.#differing,
      compared: this.#compared,
    };
  }

  take(record: RecordedRecord): void {
    this.#events++;
    const event = factsOf(record.view, record.at);
    const decided: Rule[] = [];
    for (const rule of this.#rules) {
      const { verdict } = judge(rule, event);
      if (verdict === "unknown") add(this.#undecided, rule.name);
      else decided.push(rule);
      if (verdict === "holds") add(this.#matched, rule.name);
    }
    const known = namesThen(record);
    const both = decided.filter((rule) => isAlwaysTold(rule) && known?.all.includes(rule.name));
    if (known === undefined || both.length === 0) return;
    this.#compared++;
    const expected = both.map(({ name }) => name).filter((name) => known.matched.includes(name));
    const difference = compare(titleOf(this.#name, record), event, expected, both);
    if (difference === undefined) return;
    if (this.#differing++ < this.#mostDifferences) this.#differences.push(difference);
  }
}

/** Whether an event tells of the rule whenever it matches. */
function isAlwaysTold({ emit, rate }: Rule): boolean {
  return emit && rate === undefined;
}

function titleOf(name: string, { view, at, number, clock }: RecordedRecord): string {
  const event = eventStart(view, at);
  const nanoseconds = word(view, event, EventHeader.timeHigh) * 2 ** 32 +
    word(view, event, EventHeader.timeLow) + clock.offsetNanoseconds;
  const time = new Date((clock.offsetSeconds + nanoseconds / 1e9) * 1000).toISOString();
  return `${name}, event ${number} (${time}): matched otherwise when it was recorded`;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
