/** Which exposition format a client's Accept header asks for. @module */
import type { ExpositionFormat } from "../metrics/exposition.ts";

interface MediaRange {
  /** Lower case: `text/plain`, `text/*`, `*\/*`. */
  readonly type: string;
  readonly version: string | undefined;
  readonly quality: number;
}

interface Preference {
  readonly quality: number;
  /** 0: not mentioned; 1 and 2: by a wildcard; 3: by its name. */
  readonly precision: number;
}

/** The media type and version of each format, as they stand in an Accept header. */
const OFFERS = {
  text: { type: "text/plain", version: "0.0.4" },
  openmetrics: { type: "application/openmetrics-text", version: "1.0.0" },
} as const satisfies Record<ExpositionFormat, Pick<MediaRange, "type" | "version">>;

/**
 * Chooses by RFC 9110, section 12.5.1: the most precise range speaks for a format, and the higher
 * quality wins. OpenMetrics has to be asked for: of equals it wins only where it is named. Where
 * neither is acceptable it is text all the same, as every exporter does.
 */
export function negotiateFormat(accept: string | null): ExpositionFormat {
  const ranges = parseAccept(accept ?? "*/*");
  const text = preferenceFor("text", ranges);
  const openmetrics = preferenceFor("openmetrics", ranges);
  if (openmetrics.quality > text.quality) return "openmetrics";
  const named = openmetrics.precision === 3 && openmetrics.quality > 0;
  return named && openmetrics.quality === text.quality ? "openmetrics" : "text";
}

function preferenceFor(format: ExpositionFormat, ranges: readonly MediaRange[]): Preference {
  const offer = OFFERS[format];
  let best: Preference = { quality: 0, precision: 0 };
  for (const { type, version, quality } of ranges) {
    if (version !== undefined && version !== offer.version) continue;
    const precision = precisionOf(type, offer.type);
    if (precision > best.precision) best = { quality, precision };
  }
  return best;
}

function precisionOf(range: string, type: string): number {
  if (range === type) return 3;
  if (range === type.replace(/\/.*/, "/*")) return 2;
  return range === "*/*" ? 1 : 0;
}

function parseAccept(accept: string): readonly MediaRange[] {
  return accept.toLowerCase().split(",").map((element) => {
    const [type, ...parameters] = element.split(";").map((part) => part.trim());
    const parameter = (name: string) =>
      parameters.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1)
        .replace(/^"(.*)"$/, "$1");
    return { type, version: parameter("version"), quality: parseQuality(parameter("q")) };
  });
}

/** Nonsense counts as a refusal. */
function parseQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
