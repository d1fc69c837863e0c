import { equal } from "node:assert/strict";
import type { ExpositionFormat } from "../metrics/exposition.ts";
import { negotiateFormat } from "./accept.ts";

const OPENMETRICS = "application/openmetrics-text";

const CASES: Readonly<Record<string, readonly [string | null, ExpositionFormat]>> = {
  "text without a header": [null, "text"],
  "text for an empty header": ["", "text"],
  "text for curl": ["*/*", "text"],
  "text for a browser": [
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "text",
  ],
  "text for Java's odd wildcard": ["text/html, image/gif, *; q=.2, */*; q=.2", "text"],
  "OpenMetrics for Prometheus 2.42": [
    `${OPENMETRICS};version=1.0.0,${OPENMETRICS};version=0.0.1;q=0.75,` +
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "openmetrics",
  ],
  "OpenMetrics for Prometheus 3": [
    `${OPENMETRICS};version=1.0.0;escaping=allow-utf-8;q=0.6,${OPENMETRICS};version=0.0.1;q=0.5,` +
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "openmetrics",
  ],
  "text where Prometheus is told to prefer it": [
    `text/plain;version=0.0.4;q=0.6,${OPENMETRICS};version=1.0.0;q=0.5,*/*;q=0.1`,
    "text",
  ],
  "text for who knows OpenMetrics 0.0.1 alone": [
    `${OPENMETRICS};version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
    "text",
  ],
  "OpenMetrics without a version": [OPENMETRICS, "openmetrics"],
  "OpenMetrics for a quoted version in capitals": [
    `APPLICATION/OpenMetrics-Text ; VERSION="1.0.0" ; Q=0.5`,
    "openmetrics",
  ],
  "OpenMetrics where it is named beside a wildcard": [`${OPENMETRICS},*/*`, "openmetrics"],
  "OpenMetrics of two named alike": [`text/plain,${OPENMETRICS}`, "openmetrics"],
  "OpenMetrics where text is refused": ["text/plain;q=0,*/*", "openmetrics"],
  "OpenMetrics for its family of types": ["application/*", "openmetrics"],
  "text where OpenMetrics is refused": [`${OPENMETRICS};q=0,*/*;q=0.1`, "text"],
  "text where OpenMetrics is refused in three digits": [`${OPENMETRICS};q=0.000`, "text"],
  "text where the quality is nonsense": [`${OPENMETRICS};q=high,*/*;q=0.1`, "text"],
  "text by a more precise range": [`*/*;q=0.9,text/*;q=0.2,text/plain;q=1`, "text"],
  "text where nothing is acceptable": ["image/png", "text"],
};

for (const [behaviour, [accept, format]] of Object.entries(CASES)) {
  Deno.test(`negotiateFormat() gives ${behaviour}`, () => equal(negotiateFormat(accept), format));
}
