/** Reads Prometheus' text format, as far as the agent speaks it; written apart from what it tests. @module */

/** Samples by name and sorted labels: `name{a="b"}`. */
export type Metrics = ReadonlyMap<string, number>;

/** Reads an exposition; throws at a line that is none. */
export function parseMetrics(text: string): Metrics {
  const metrics = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match) throw new Error(`Cannot read metrics: ${JSON.stringify(line)} is no sample`);
    const [, name = "", labels = "", value = ""] = match;
    const number = value === "+Inf" ? Infinity : Number(value);
    if (Number.isNaN(number)) throw new Error(`Cannot read metrics: ${JSON.stringify(line)}`);
    metrics.set(key(name, parseLabels(labels)), number);
  }
  return metrics;
}

/** A sample that has to be there. */
export function sample(
  metrics: Metrics,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const value = metrics.get(key(name, labels));
  if (value === undefined) throw new Error(`There is no ${key(name, labels)} in the metrics`);
  return value;
}

/** Samples of a name, by all their labels. */
export function samples(metrics: Metrics, name: string): readonly (readonly [string, number])[] {
  return [...metrics].filter(([sample]) => sample === name || sample.startsWith(`${name}{`));
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)",?/g)) {
    labels[name] = value;
  }
  return labels;
}

function key(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1);
  return pairs.length === 0 ? name : `${name}{${pairs.map(([k, v]) => `${k}="${v}"`).join(",")}}`;
}
