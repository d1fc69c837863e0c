/**
 * Metrics as text: Prometheus' format 0.0.4, and OpenMetrics 1.0.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 * @module
 */
import type { Family, Sample, Scrape } from "./family.ts";

export type ExpositionFormat = keyof typeof CONTENT_TYPES;

/** The media type of each format. */
export const CONTENT_TYPES = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
} as const;

/** Writes every family that has samples. */
export function expose(
  families: readonly Family[],
  scrape: Scrape,
  format: ExpositionFormat,
): string {
  const head = format === "text" ? textHead : openMetricsHead;
  let text = "";
  for (const family of families) {
    const samples = family.samples(scrape);
    if (samples.length === 0) continue;
    text += head(family);
    for (const sample of samples) text += sampleLine(family, sample);
  }
  return format === "text" ? text : `${text}# EOF\n`;
}

function textHead({ name, type, help }: Family): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
}

function openMetricsHead({ name, type, unit, help }: Family): string {
  // A family's name has no `_total`; that is the suffix of its samples.
  const base = type === "counter" ? name.replace(/_total$/, "") : name;
  const unitLine = unit === undefined ? "" : `# UNIT ${base} ${unit}\n`;
  return `# TYPE ${base} ${type}\n${unitLine}# HELP ${base} ${escapeLabelValue(help)}\n`;
}

function sampleLine({ name, labels }: Family, [value, ...values]: Sample): string {
  const pairs = labels.map((label, index) => `${label}="${escapeLabelValue(values[index])}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${formatValue(value)}\n`;
}

function formatValue(value: number): string {
  // A number writes itself with an exponent from 1e21 on, a bigint never does.
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

/** Format 0.0.4 takes `\"` in a help text for two characters. */
function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** OpenMetrics escapes help texts like this too. */
function escapeLabelValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
