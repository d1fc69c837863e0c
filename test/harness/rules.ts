/** Gives an agent rules, and reads what they counted. @module */
import type { Agent } from "./agent.ts";
import { type Metrics, samples } from "./metrics.ts";
import { until } from "./process.ts";

/** A rule as a configuration has it; its name is given apart. */
export type RuleText = Readonly<Record<string, unknown>>;

/** Writes a configuration with these rules, by name; JSON is YAML. */
export async function writeRules(
  path: string,
  rules: Readonly<Record<string, RuleText>>,
): Promise<void> {
  const list = Object.entries(rules).map(([name, rule]) => ({ name, ...rule }));
  // Renamed, so that an agent that reads it meanwhile reads one or the other.
  await Deno.writeTextFile(`${path}.new`, JSON.stringify({ rules: list }));
  await Deno.rename(`${path}.new`, path);
}

/** Has an agent read its configuration anew, and waits until it has taken it over. */
export async function reload(agent: Agent): Promise<void> {
  const before = reloadsOf(agent);
  agent.signal("SIGHUP");
  await until("the configuration is reloaded", () => reloadsOf(agent) > before || undefined);
}

function reloadsOf({ stderr }: Agent): number {
  return stderr.split("The configuration is reloaded").length - 1;
}

/** How often each rule has matched. */
export function matchesIn(metrics: Metrics): Readonly<Record<string, number>> {
  return byRule(metrics, "ebpf_agent_rule_matches_total");
}

/** How often each rule was not told of because of its rate. */
export function suppressedIn(metrics: Metrics): Readonly<Record<string, number>> {
  return byRule(metrics, "ebpf_agent_rule_suppressed_total");
}

function byRule(metrics: Metrics, name: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    samples(metrics, name).map(([sample, value]) => [/rule="([^"]*)"/.exec(sample)?.[1], value]),
  );
}
