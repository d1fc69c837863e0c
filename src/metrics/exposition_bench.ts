/** What writing out all metrics costs: it holds up the draining for so long. The aim: 200 µs. @module */
import { expose, type ExpositionFormat } from "./exposition.ts";
import { FAMILIES } from "./families.ts";
import { SCRAPE } from "./scrape_fixture.ts";

const FORMATS: readonly ExpositionFormat[] = ["text", "openmetrics"];

for (const format of FORMATS) {
  Deno.bench(`all metrics: ${format}`, () => void expose(FAMILIES, SCRAPE, format));
}
