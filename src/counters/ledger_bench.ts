/** What holding the ledger against a reading costs, once a poll and once a scrape. @module */
import { perKind } from "../events/kinds.ts";
import { SCRAPE } from "../metrics/scrape_fixture.ts";
import { findImbalances } from "./ledger.ts";

const { received, withheld, inRing, outputs, kernel } = SCRAPE.reading;
const reading = {
  received,
  withheld,
  inRing,
  outputs,
  before: kernel,
  after: kernel,
  underWay: perKind(() => 4),
};

Deno.bench("the ledger's equations", () => void findImbalances(reading));
