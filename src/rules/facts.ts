/** What is known of one event, as far as rules ask. @module */
import type { EventKind } from "../events/kinds.ts";
import type { Access, Field, Outcome } from "./rule.ts";

/**
 * An event without its place in the kernel. A value that is not there is none: no condition on it
 * holds, every negated one does.
 */
export interface EventFacts {
  readonly on: EventKind;
  readonly outcome: Outcome;
  /**
   * The file really opened, or the program really executed, as the host sees it; {@link CUT_HEAD} and
   * the rest of a path whose head is lost; for what has no path (a memfd) its name alone. Not there
   * for a failure.
   */
  readonly path?: string;
  /** The path that was asked for. */
  readonly requested?: string;
  /** The program of the process; for an exec that succeeded not asked for: it is the path. */
  readonly exe?: string;
  readonly comm?: string;
  readonly parentComm?: string;
  /** The effective user; for a privilege event the new one. */
  readonly uid?: number;
  /** All that an open asks for. */
  readonly access: readonly Access[];
  readonly args: readonly string[];
  readonly container: boolean;
  /** What the source of the event does not tell, or not all of. */
  readonly untold: ReadonlySet<Field>;
}

/** Stands for the lost head of a path. */
export const CUT_HEAD = "...";
