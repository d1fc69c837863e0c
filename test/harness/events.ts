/** Compares what the agent delivered with what the generator did. @module */
import { decodeText } from "./bytes.ts";
import {
  type Blindness,
  canonical,
  comparable,
  expectedEvent,
  type JsonEvent,
  tellsOrigin,
} from "./expected.ts";
import type { Run } from "./load.ts";
import { originOf } from "./origin.ts";

/** Parses stdout with --output=json; every line has to be a JSON object. */
export function parseEvents(stdout: Uint8Array): readonly JsonEvent[] {
  return decodeText(stdout).split("\n").filter((line) => line !== "").map((line) => {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new Error(`Not JSON: ${line.slice(0, 1000)}`, { cause });
    }
  });
}

/** A value at a dotted path of an event. */
export function at(event: JsonEvent, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as JsonEvent)?.[key], event);
}

/** Deeds without an event and events without a deed; both empty where the agent told it all. */
export interface Difference {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** Compares the events of a run's processes, from its first exec on, with its deeds, one to one. */
export function compareWithRun(
  events: readonly JsonEvent[],
  run: Run,
  blind: Blindness = {},
): Difference {
  const told = eventsOf(events, run).map((event) => canonical(comparable(event)));
  const done = run.deeds.map((deed, index) =>
    canonical(expectedEvent(deed, tellsOrigin(deed) ? originOf(run, index) : undefined, blind))
  );
  return { missing: without(done, told), unexpected: without(told, done) };
}

/** The events of a run's processes: of the generator and all that descend from it. */
export function eventsOf(events: readonly JsonEvent[], run: Run): readonly JsonEvent[] {
  const pids = new Set(
    run.deeds.flatMap((deed) => deed.did === "fork" ? [deed.pid, deed.child] : [deed.pid]),
  );
  const own = events.filter((event) => pids.has(at(event, "process.pid") as number));
  // Before that it was a copy of the process that started it, which opens files too.
  const start = own.findIndex((event) =>
    at(event, "event.action") === "exec" && at(event, "process.pid") === run.pid
  );
  return start < 0 ? [] : own.slice(start);
}

/** What of `all` is not in `others`, each of which makes up for one. */
function without(all: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return all.filter((item) => {
    const index = left.indexOf(item);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
