/** The ledger's equations, on what /metrics says. @module */
import { type Metrics, sample, samples } from "./metrics.ts";

export const KINDS = ["exec", "clone", "open", "privilege"] as const;
export type Kind = (typeof KINDS)[number];

/** One kind's row of the ledger. */
export interface Row {
  readonly seen: number;
  readonly missed: number;
  readonly filtered: number;
  readonly submitted: number;
  readonly lost: number;
  readonly received: number;
  readonly withheld: number;
  readonly emitted: number;
  readonly dropped: number;
  readonly queued: number;
}

export type Ledger = Readonly<Record<Kind, Row>>;

/** The ledger in a scrape; what outputs did is summed, for there is at most one. */
export function ledgerOf(metrics: Metrics): Ledger {
  return Object.fromEntries(KINDS.map((kind) => [kind, rowOf(metrics, kind)])) as Ledger;
}

/** The equations that do not hold, with their numbers; none where nothing is under way. */
export function violations(ledger: Ledger): readonly string[] {
  return KINDS.flatMap((kind) => {
    const row = ledger[kind];
    return [
      equation(kind, "seen", row.seen, "filtered + submitted + lost", [
        row.filtered,
        row.submitted,
        row.lost,
      ]),
      equation(kind, "submitted", row.submitted, "received", [row.received]),
      equation(kind, "received", row.received, "withheld + emitted + dropped + queued", [
        row.withheld,
        row.emitted,
        row.dropped,
        row.queued,
      ]),
    ].filter((text) => text !== undefined);
  });
}

function equation(
  kind: Kind,
  left: string,
  total: number,
  right: string,
  terms: readonly number[],
): string | undefined {
  const sum = terms.reduce((a, b) => a + b, 0);
  if (sum === total) return undefined;
  return `${kind}: ${left} ${total} is not ${right} (${terms.join(" + ")} = ${sum})`;
}

function rowOf(metrics: Metrics, kind: Kind): Row {
  const events = (state: string) =>
    sample(metrics, `ebpf_agent_events_${state}_total`, { event: kind });
  const outputs = (name: string) =>
    samples(metrics, name).reduce(
      (sum, [labels, value]) => labels.includes(`event="${kind}"`) ? sum + value : sum,
      0,
    );
  return {
    seen: events("seen"),
    missed: events("missed"),
    filtered: events("filtered"),
    submitted: events("submitted"),
    lost: events("lost"),
    received: events("received"),
    withheld: events("withheld"),
    emitted: outputs("ebpf_agent_events_emitted_total"),
    dropped: outputs("ebpf_agent_events_dropped_total"),
    queued: outputs("ebpf_agent_events_queued"),
  };
}
