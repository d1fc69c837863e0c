/** Requirements that only trying can tell: libbpf, loading and attaching, and how events are had. @module */
import type { Config } from "../config.ts";
import { EVENT_KINDS, type EventKind } from "../events/kinds.ts";
import { blindSpots } from "../probes/coverage.ts";
import type { Probes, ProbeState } from "../probes/probes.ts";
import type { EventRequirement, Proof, ProofStatus, Requirement } from "./report.ts";
import type { Result } from "./sentence.ts";

const NOT_ATTACHED = "nothing is attached";

export function libbpfRequirement(libbpf: Result<{ readonly version: string }>): Requirement {
  return tried("libbpf", libbpf, ({ version }) => version);
}

/** Whether the BPF programs load and attach: with it everything stands and falls. */
export function programsRequirement(probes: Result<unknown>): Requirement {
  return tried("programs", probes, () => "loaded and attached");
}

/** What carries records, and why it is not the other. */
export function transportRequirement(
  probes: Result<Pick<Probes, "rings" | "perfRefusal">>,
  asked: Config["transport"],
): Requirement {
  const id = "transport";
  if ("failure" in probes) {
    return { id, status: "missing", found: NOT_ATTACHED, remedy: null };
  }
  const { rings, perfRefusal } = probes.value;
  const why = perfRefusal ?? (asked === "auto" ? undefined : `--transport=${asked} is asked for`);
  const found = rings.transport === "perf"
    ? `a perf buffer of ${rings.pages} pages for each CPU`
    : "a BPF ring buffer";
  return {
    id,
    status: "ok",
    found: why === undefined ? found : `${found}, because: ${why}`,
    remedy: null,
  };
}

/** How each kind of event is watched; `absent` are blind spots that are none on this kernel. */
export function eventRequirements(
  probes: Result<Pick<Probes, "states">>,
  absent: ReadonlySet<string>,
): readonly EventRequirement[] {
  return EVENT_KINDS.map((event) => {
    if ("failure" in probes) return notWatched(event, NOT_ATTACHED);
    const state = probes.value.states[event];
    if (state.state === "missing") return notWatched(event, state.because);
    return watched(event, state, absent);
  });
}

/** Whether events could be made on purpose, and how many of them were seen. */
export function proofRequirement(
  trials: Result<unknown>,
  proof: readonly Proof[],
): Requirement {
  const id = "proof";
  if ("failure" in trials) return { id, status: "degraded", ...trials.failure };
  const count = (...statuses: readonly ProofStatus[]) =>
    proof.filter(({ status }) => statuses.includes(status)).length;
  const made = proof.length - count("untested");
  const found = `${made} of ${proof.length} events could be made, ${count("seen")} were seen`;
  if (count("missing", "repeated") > 0) {
    const remedy = "This is a fault in ebpf-agent, worth a bug report";
    return { id, status: "missing", found, remedy };
  }
  return { id, status: count("seen") > 0 ? "ok" : "degraded", found, remedy: null };
}

function watched(
  event: EventKind,
  state: Extract<ProbeState, { readonly state: "attached" }>,
  absent: ReadonlySet<string>,
): EventRequirement {
  const spots = blindSpots(event, state).filter(({ id }) => !absent.has(id));
  const fallback = state.insteadOf.length > 0;
  return {
    id: `events.${event}`,
    status: spots.length === 0 ? "ok" : "degraded",
    found: `watched by ${state.hook}${fallback ? ", a fallback" : ""}`,
    remedy: spots.length === 0
      ? null
      : "Forbid what is not seen, or run a kernel that lets BPF hook functions",
    details: [
      ...spots.map(({ what }) => `not seen: ${what}`),
      ...state.insteadOf.map(({ hook, because }) => `rather than ${hook}: ${because}`),
    ],
    event,
    hook: state.hook,
    fallback,
    blind_spots: spots,
  };
}

function notWatched(event: EventKind, because: string): EventRequirement {
  return {
    id: `events.${event}`,
    status: "missing",
    found: `not watched: ${because}`,
    remedy: null,
    event,
    hook: null,
    fallback: false,
    blind_spots: [],
  };
}

function tried<T>(id: string, result: Result<T>, describe: (value: T) => string): Requirement {
  return "failure" in result
    ? { id, status: "missing", ...result.failure }
    : { id, status: "ok", found: describe(result.value), remedy: null };
}
