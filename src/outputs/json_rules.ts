/** The rules that matched an event, as its JSON line tells them. @module */
import type { Rule } from "../rules/rule.ts";
import { type Constant, constant } from "./bytes.ts";

/** What is written of the rules of one event. */
export interface RuleJson {
  /** Under `ebpf_agent`. */
  readonly agent: Constant;
  /** From the end of `ebpf_agent` to the end of the line. */
  readonly end: Constant;
  /** Bytes of both. */
  readonly size: number;
}

/** What the JSON line of an event says that these rules matched. */
export function ruleJson(rules: readonly Rule[]): RuleJson {
  const names = rules.map(({ name }) => name);
  const techniques = new Set(rules.flatMap(({ technique }) => technique ?? []));
  const agent = constant(`,"rule":${json(rules.map(detailsOf))}`);
  const threat = techniques.size === 0
    ? ""
    : `,"threat":{"technique":{"id":${json([...techniques])}}}`;
  const end = constant(`},"rule":{"name":${json(names)}}${threat}}\n`);
  return { agent, end, size: agent.size + end.size };
}

function detailsOf({ severity, labels }: Rule) {
  return { severity, ...(Object.keys(labels).length === 0 ? {} : { labels }) };
}

/** One value for itself, several as an array. */
function json(values: readonly unknown[]): string {
  return JSON.stringify(values.length === 1 ? values[0] : values);
}
