/** The metrics of the ledger: what became of every event. @module */
import type { KernelCounters, OutputCounters } from "../counters/reading.ts";
import { EVENT_KINDS, type PerKind } from "../events/kinds.ts";
import {
  type Family,
  family,
  type FamilyGroup,
  gauge,
  type Sample,
  type Scrape,
} from "./family.ts";

/** The terms of the ledger's equations, and whether they hold. */
export const LEDGER: FamilyGroup = {
  title: "The ledger",
  families: [
    kernelTotal("seen", "Events that the BPF programs counted."),
    kernelTotal("filtered", "Events seen that nobody asked for; they stay in the kernel."),
    kernelTotal("submitted", "Events seen that were written to the ring."),
    kernelTotal("lost", "Events seen that found the ring full, or a CPU that has none yet."),
    family({
      name: "ebpf_agent_events_received_total",
      type: "counter",
      labels: ["event"],
      help: "Events taken out of the ring.",
      samples: ({ reading }) => perEvent(reading.received),
    }),
    family({
      name: "ebpf_agent_events_withheld_total",
      type: "counter",
      labels: ["event"],
      help:
        "Events received that no output was given: they came for rules about arguments alone, " +
        "and did not match.",
      samples: ({ reading }) => perEvent(reading.withheld),
    }),
    family({
      name: "ebpf_agent_events_in_ring",
      type: "gauge",
      labels: ["event"],
      help: "Events written to the ring and not yet taken out.",
      samples: ({ reading }) => perEvent(reading.inRing),
    }),
    family({
      name: "ebpf_agent_events_missed_total",
      type: "counter",
      labels: ["event"],
      help: "Times the kernel did not run a BPF program behind this kind of event; these are not " +
        "seen. As many events at most: some of the programs see other calls too.",
      samples: ({ reading }) => perEvent(reading.missed),
    }),
    family({
      name: "ebpf_agent_events_emitted_total",
      type: "counter",
      labels: ["event", "output"],
      help: "Events that an output wrote.",
      samples: (scrape) => perOutput(scrape, (output) => output.emitted),
    }),
    family({
      name: "ebpf_agent_events_dropped_total",
      type: "counter",
      labels: ["event", "output"],
      help: "Events that an output refused, because its reader is slow or gone.",
      samples: (scrape) => perOutput(scrape, (output) => output.dropped),
    }),
    family({
      name: "ebpf_agent_events_queued",
      type: "gauge",
      labels: ["event", "output"],
      help: "Events that an output holds and has not yet written.",
      samples: (scrape) => perOutput(scrape, (output) => output.queued),
    }),
    gauge({
      name: "ebpf_agent_ledger_balanced",
      help: "1 while the ledger closes, within the events that were under way as it was read; " +
        "otherwise 0.",
      value: ({ reading }) => Number(reading.balanced),
    }),
  ],
};

function kernelTotal(counter: keyof KernelCounters, help: string): Family {
  return family({
    name: `ebpf_agent_events_${counter}_total`,
    type: "counter",
    labels: ["event"],
    help,
    samples: ({ reading }) => EVENT_KINDS.map((kind) => [reading.kernel[kind][counter], kind]),
  });
}

function perEvent(values: PerKind<number>): readonly Sample<["event"]>[] {
  return EVENT_KINDS.map((kind) => [values[kind], kind]);
}

function perOutput(
  { reading }: Scrape,
  counter: (output: OutputCounters) => PerKind<number>,
): readonly Sample<["event", "output"]>[] {
  return reading.outputs.flatMap((output) =>
    EVENT_KINDS.map((kind) => [counter(output)[kind], kind, output.name] as const)
  );
}
