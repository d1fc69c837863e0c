/** The ledger: what must add up, whatever the load. docs/metrics.md states the equations.
 *
 * A reading meets programs that are running. So the maps are read twice, and each equation is held
 * against both readings: what is counted first cannot be behind what was counted last before, and
 * cannot be further ahead than the programs under way, which are at most one a program and CPU. With
 * nothing happening the two readings are equal and the equations exact.
 * @module */
import { EVENT_KINDS, type EventKind, type PerKind } from "../events/kinds.ts";
import type { KernelCounters, OutputCounters } from "./reading.ts";

/** What is held against the equations. */
export interface LedgerReading {
  /** The maps before and after the rings' heads were read. */
  readonly before: PerKind<KernelCounters>;
  readonly after: PerKind<KernelCounters>;
  readonly received: PerKind<number>;
  readonly withheld: PerKind<number>;
  readonly inRing: PerKind<number>;
  readonly outputs: readonly OutputCounters[];
  /** The most programs that can be running for each kind: programs times CPUs; 0 once detached. */
  readonly underWay: PerKind<number>;
}

/** One equation that does not hold, in words with its numbers. */
export type Imbalance = string;

/** The equations that do not hold; none when the ledger closes. */
export function findImbalances(reading: LedgerReading): readonly Imbalance[] {
  return EVENT_KINDS.flatMap((event) => [
    ...kernelImbalance(event, reading),
    ...ringImbalance(event, reading),
    ...reading.outputs.flatMap((output) => outputImbalance(event, reading, output)),
  ]);
}

/** The ledger of one kind as equations, for the end of a run. */
export function describeLedger(
  event: EventKind,
  counted: KernelCounters,
  rest: Pick<LedgerReading, "received" | "withheld" | "inRing" | "outputs"> & {
    missed: PerKind<number>;
  },
): string {
  const { seen, filtered, submitted, lost } = counted;
  const parts = [
    `seen ${seen} = filtered ${filtered} + submitted ${submitted} + lost ${lost}`,
    `submitted ${submitted} = received ${rest.received[event]} + in ring ${rest.inRing[event]}`,
    ...rest.outputs.map(({ name, emitted, dropped, queued }) =>
      `received ${rest.received[event]} = ${withheldTerm(rest.withheld[event])}` +
      `${name} emitted ${emitted[event]} + ` +
      `dropped ${dropped[event]} + queued ${queued[event]}`
    ),
    `missed ${rest.missed[event]}`,
  ];
  return `${event}: ${parts.join("; ")}`;
}

function kernelImbalance(event: EventKind, { before, after, underWay }: LedgerReading) {
  const tooFew = before[event].seen - underWay[event] > outcomes(after[event]);
  const tooMany = outcomes(before[event]) > after[event].seen;
  if (!tooFew && !tooMany) return [];
  const { seen, filtered, submitted, lost } = after[event];
  return [
    `${event}: seen ${seen} is not filtered ${filtered} + submitted ${submitted} + lost ${lost}`,
  ];
}

function ringImbalance(event: EventKind, reading: LedgerReading) {
  const { before, after, underWay } = reading;
  const received = reading.received[event];
  const inRing = reading.inRing[event];
  const tooFew = before[event].submitted > received + inRing;
  const tooMany = received + inRing > after[event].submitted + underWay[event];
  if (!tooFew && !tooMany) return [];
  return [
    `${event}: submitted ${after[event].submitted} is not received ${received} + in ring ${inRing}`,
  ];
}

function outputImbalance(event: EventKind, reading: LedgerReading, output: OutputCounters) {
  const { name } = output;
  const received = reading.received[event];
  const withheld = reading.withheld[event];
  const emitted = output.emitted[event];
  const dropped = output.dropped[event];
  const queued = output.queued[event];
  if (received === withheld + emitted + dropped + queued) return [];
  return [
    `${event}: received ${received} is not ${withheldTerm(withheld)}` +
    `${name} emitted ${emitted} + dropped ${dropped} + queued ${queued}`,
  ];
}

/** Only rules about arguments make it differ from nothing. */
function withheldTerm(withheld: number): string {
  return withheld === 0 ? "" : `withheld ${withheld} + `;
}

function outcomes({ filtered, submitted, lost }: KernelCounters): number {
  return filtered + submitted + lost;
}
