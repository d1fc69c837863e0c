/** What a metric is: its description, and how its samples come from one scrape. @module */
import type { Reading } from "../counters/reading.ts";
import type { EventKind } from "../events/kinds.ts";
import type { Transport } from "../events/transport.ts";
import type { ReloadState } from "../reload.ts";
import type { ProcessStats } from "./process.ts";

/** Versions of the agent and of what it runs on. */
export interface Build {
  readonly version: string;
  readonly deno: string;
  readonly libbpf: string;
  readonly kernel: string;
}

/** One hook that was tried for a kind of event. A hook stands at most once for each kind. */
export interface ProbeState {
  readonly event: EventKind;
  readonly hook: string;
  readonly attached: boolean;
}

/** What is not seen of a kind of event. */
export interface BlindSpot {
  readonly event: EventKind;
  readonly spot: string;
}

/** All that metrics are made from, taken at one moment. */
export interface Scrape {
  readonly reading: Reading;
  /** Wall clock of the last poll tick, in milliseconds since the epoch. */
  readonly lastPollMs: number;
  readonly build: Build;
  readonly probes: readonly ProbeState[];
  readonly blindSpots: readonly BlindSpot[];
  readonly transport: Transport;
  readonly process: ProcessStats;
  /** Whether the kernel's own statistics of BPF programs are on. */
  readonly bpfStats: boolean;
  readonly reload: ReloadState;
}

/** A value, then the values of its family's labels in their order. */
export type Sample<Labels extends readonly string[] = readonly string[]> = readonly [
  value: number,
  ...labels: { readonly [Index in keyof Labels]: string },
];

/** One metric. */
export interface Family<Labels extends readonly string[] = readonly string[]> {
  /** As Prometheus stores it: a counter's ends in `_total`. */
  readonly name: string;
  readonly type: "counter" | "gauge";
  /** The last word of the name, before any `_total`, where it is one of OpenMetrics' base units. */
  readonly unit?: "seconds" | "bytes";
  readonly labels: Labels;
  /** One line of plain words. */
  readonly help: string;
  /** No samples: the metric does not exist just now. */
  readonly samples: (scrape: Scrape) => readonly Sample<Labels>[];
}

/** Metrics that belong together. */
export interface FamilyGroup {
  readonly title: string;
  readonly families: readonly Family[];
}

/** Checks that each sample has as many label values as there are labels. */
export function family<const Labels extends readonly string[]>(family: Family<Labels>): Family {
  return family;
}

/** A metric of one sample, which stands in a source. */
export interface Single<Source, Value> extends Pick<Family, "name" | "help" | "unit"> {
  readonly value: (source: Source) => Value;
}

/** A counter without labels. */
export function total({ value, ...described }: Single<Scrape, number>): Family {
  return { ...described, type: "counter", labels: [], samples: (scrape) => [[value(scrape)]] };
}

/** A gauge without labels. */
export function gauge({ value, ...described }: Single<Scrape, number>): Family {
  return { ...described, type: "gauge", labels: [], samples: (scrape) => [[value(scrape)]] };
}
