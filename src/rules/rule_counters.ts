/** Reads the rules' per-CPU counters, and keeps what was counted by sets that are gone. @module */
import { RuleCounter, RuleCounters as Layout } from "../events/layout.gen.ts";
import { type BpfMap, PerCpuArray, sumOverCpus } from "../libbpf/map.ts";
import { needsArguments } from "./compile.ts";
import type { Rule, Severity } from "./rule.ts";

/** What a rule has counted since the agent started. */
export interface RuleCounts {
  readonly name: string;
  readonly severity: Severity;
  readonly matches: number;
  /** Matches that were not told of, because the rule's rate was reached. */
  readonly suppressed: number;
}

type Counted = Pick<RuleCounts, "matches" | "suppressed">;

/** What user space has counted of rules that only it can decide, by their names. */
export type ConfirmedCounts = ReadonlyMap<string, Counted>;

const NONE: Counted = { matches: 0, suppressed: 0 };

export class RuleCounters {
  readonly #map: BpfMap;
  readonly #array: PerCpuArray;
  readonly #buffer: ReturnType<PerCpuArray["buffer"]>;
  /** By the rule's name, of slots that were retired. */
  readonly #kept = new Map<string, Counted>();

  constructor(map: BpfMap) {
    this.#map = map;
    this.#array = new PerCpuArray(map);
    this.#buffer = this.#array.buffer();
  }

  /** What each rule of a slot has counted, with what its name did in earlier ones. */
  read(slot: number, rules: readonly Rule[], confirmed: ConfirmedCounts): readonly RuleCounts[] {
    return this.#readKernel(slot, rules).map(({ name, severity, matches, suppressed }) => {
      const others = confirmed.get(name);
      return {
        name,
        severity,
        matches: matches + (others?.matches ?? 0),
        suppressed: suppressed + (others?.suppressed ?? 0),
      };
    });
  }

  /** Keeps what a slot's rules have counted and empties it; no program may be using it any more. */
  retire(slot: number, rules: readonly Rule[]): void {
    for (const { name, matches, suppressed } of this.#readKernel(slot, rules)) {
      this.#kept.set(name, { matches, suppressed });
    }
    this.#map.update(Uint32Array.of(slot), this.#buffer.fill(0n));
  }

  #readKernel(slot: number, rules: readonly Rule[]): readonly RuleCounts[] {
    this.#array.readPerCpu(slot, this.#buffer);
    return rules.map((rule, bit) => {
      const { name, severity } = rule;
      const { matches, suppressed } = this.#kept.get(name) ?? NONE;
      // What the kernel counts of a rule about arguments are the events that may match.
      if (needsArguments(rule)) return { name, severity, matches, suppressed };
      const at = Layout.rules + bit * RuleCounter.byteSize;
      return {
        name,
        severity,
        matches: matches + this.#sum(at + RuleCounter.matches),
        suppressed: suppressed + this.#sum(at + RuleCounter.suppressed),
      };
    });
  }

  #sum(byteOffset: number): number {
    return sumOverCpus(this.#buffer, byteOffset, this.#array.wordsPerCpu);
  }
}
