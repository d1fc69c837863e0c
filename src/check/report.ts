/** What a check finds: requirements, what was proven, and the verdict that follows. @module */
import { EXIT } from "../errors.ts";
import type { EventKind } from "../events/kinds.ts";
import type { BlindSpot } from "../probes/coverage.ts";

export type Status = "ok" | "degraded" | "missing";

/** One thing that the agent needs or makes use of. */
export interface Requirement {
  /** Stable: programs look for it. */
  readonly id: string;
  readonly status: Status;
  readonly found: string;
  /** What to do about it; null where there is nothing to be done. */
  readonly remedy: string | null;
  /** More to `found`, a line each. */
  readonly details?: readonly string[];
}

/** How a kind of event is watched. */
export interface EventRequirement extends Requirement {
  readonly event: EventKind;
  /** Null where it is not watched at all. */
  readonly hook: string | null;
  /** Whether a hook was refused that would have been preferred to this one. */
  readonly fallback: boolean;
  readonly blind_spots: readonly BlindSpot[];
}

/**
 * `seen`, or else: `repeated`, seen more than once; `blind`, not seen, as announced; `missing`, not
 * seen, and nothing announces that; `untested`, not made here.
 */
export type ProofStatus = "seen" | "repeated" | "blind" | "missing" | "untested";

/** Whether an event that was made on purpose was seen. */
export interface Proof {
  readonly id: string;
  readonly event: EventKind;
  readonly status: ProofStatus;
  /** The event that was to be made. */
  readonly what: string;
  readonly found: string;
}

export interface Report {
  readonly verdict: Status;
  readonly requirements: readonly (Requirement | EventRequirement)[];
  readonly proof: readonly Proof[];
}

/**
 * The verdict is `missing` where the agent cannot run at all, and `degraded` where it can and
 * something is not as it should be. An event that could not be made speaks neither for nor against.
 */
export function verdictOf(
  runs: boolean,
  requirements: readonly Requirement[],
  proof: readonly Proof[],
): Status {
  if (!runs) return "missing";
  const flawless = requirements.every(({ status }) => status === "ok") &&
    proof.every(({ status }) => status === "seen" || status === "untested");
  return flawless ? "ok" : "degraded";
}

/** The exit code that tells a verdict. */
export function exitCodeOf(verdict: Status): number {
  return { ok: EXIT.done, degraded: EXIT.failed, missing: EXIT.unsupported }[verdict];
}
