/** What the probes came to, for the log at start and for metrics. @module */
import { EVENT_KINDS, type EventKind, type PerKind } from "../events/kinds.ts";
import type { Log } from "../log.ts";
import { blindSpots } from "./coverage.ts";
import type { ProbeState } from "./probes.ts";

type States = PerKind<ProbeState>;

/** Says of each kind of event by which hook it is seen, why by no better one, and what is not seen. */
export function reportProbes(states: States, log: Log): void {
  for (const event of EVENT_KINDS) {
    const state = states[event];
    if (state.state === "missing") {
      log.warn(`Not watching ${event} events`, { because: state.because });
      continue;
    }
    const insteadOf = state.insteadOf.map(({ hook, because }) => `${hook}: ${because}`).join("; ");
    const blind = blindSpots(event, state).map(({ id }) => id).join(",");
    log.info(`Watching ${event} events by ${state.hook}`, {
      ...(insteadOf !== "" && { instead_of: insteadOf }),
      ...(blind !== "" && { blind_spots: blind }),
    });
  }
}

/** Each hook that was wanted, in order of preference, up to the one in use; all where none is. */
export function listHooks(
  states: States,
): readonly { readonly event: EventKind; readonly hook: string; readonly attached: boolean }[] {
  return EVENT_KINDS.flatMap((event) => {
    const state = states[event];
    const refusals = state.state === "missing" ? state.refusals : state.insteadOf;
    const refused = refusals.map(({ hook }) => ({ event, hook, attached: false }));
    if (state.state === "missing") return refused;
    return [...refused, { event, hook: state.hook, attached: true }];
  });
}

/** What is not seen on this kernel; of a kind of event that is not watched, everything. */
export function listBlindSpots(
  states: States,
): readonly { readonly event: EventKind; readonly spot: string }[] {
  return EVENT_KINDS.flatMap((event) => {
    const state = states[event];
    if (state.state === "missing") return [{ event, spot: "everything" }];
    return blindSpots(event, state).map(({ id }) => ({ event, spot: id }));
  });
}
