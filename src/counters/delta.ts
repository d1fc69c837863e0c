/** What moved between two readings: the log lines of each poll and of the last minute. @module */
import { EVENT_KINDS, type PerKind, perKind } from "../events/kinds.ts";
import type { Reading } from "./reading.ts";

/** How much each counter of interest grew, and in how many seconds. */
export interface Delta {
  readonly seconds: number;
  readonly seen: PerKind<number>;
  readonly lost: PerKind<number>;
  readonly missed: PerKind<number>;
  readonly dropped: PerKind<number>;
  /** By the name of each output, of all kinds. */
  readonly droppedBy: Readonly<Record<string, number>>;
  readonly sudo: number;
  readonly passwdReads: number;
}

/** What happened between two readings of one agent: its counters never go back, its outputs are the same. */
export function deltaBetween(before: Reading, after: Reading): Delta {
  return {
    seconds: (after.atMs - before.atMs) / 1000,
    seen: perKind((event) => after.kernel[event].seen - before.kernel[event].seen),
    lost: perKind((event) => after.kernel[event].lost - before.kernel[event].lost),
    missed: perKind((event) => after.missed[event] - before.missed[event]),
    dropped: perKind((event) => droppedByAll(after, event) - droppedByAll(before, event)),
    droppedBy: Object.fromEntries(
      after.outputs.map(({ name, dropped }, index) => [
        name,
        total(dropped) - total(before.outputs[index].dropped),
      ]),
    ),
    sudo: after.sudo - before.sudo,
    passwdReads: after.passwdReads - before.passwdReads,
  };
}

/** The counters that moved, by name, for a log line; empty when nothing did. */
export function movedCounters(delta: Delta): Readonly<Record<string, number>> {
  const moved: Record<string, number> = {};
  const add = (name: string, by: number) => {
    if (by > 0) moved[name] = by;
  };
  for (const event of EVENT_KINDS) {
    add(event, delta.seen[event]);
    add(`${event}_lost`, delta.lost[event]);
    add(`${event}_missed`, delta.missed[event]);
    add(`${event}_dropped`, delta.dropped[event]);
  }
  add("sudo", delta.sudo);
  add("passwd_reads", delta.passwdReads);
  return moved;
}

/** The sum over all kinds. */
export function total(counts: PerKind<number>): number {
  return EVENT_KINDS.reduce((sum, event) => sum + counts[event], 0);
}

function droppedByAll(reading: Reading, event: keyof Reading["missed"]): number {
  return reading.outputs.reduce((sum, output) => sum + output.dropped[event], 0);
}
