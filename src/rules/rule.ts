/** What a rule is, once it has been read and found right. @module */
import type { EventKind } from "../events/kinds.ts";

/** As many as a mask of the kernel's side has bits. */
export const MOST_RULES = 64;

export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

export const ACCESSES = ["read", "write", "create"] as const;
export type Access = (typeof ACCESSES)[number];

export const OUTCOMES = ["success", "failure"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How a path may be given; `text` is what the path, or its end, has to be. */
export type PathPattern =
  /** `/etc/shadow`: that file, by whatever path, name or link it is opened. */
  | { readonly match: "exact"; readonly text: string }
  /** `/etc/cron.d/**`: everything below; the text ends in a slash. */
  | { readonly match: "prefix"; readonly text: string }
  /** `*.service`: the resolved path ends so. */
  | { readonly match: "suffix"; readonly text: string }
  /** `authorized_keys`: the name of the file, in whatever directory. */
  | { readonly match: "name"; readonly text: string };

/** The values that each condition is about. */
export interface ConditionValues {
  /** The file opened, or the program executed. */
  readonly path: PathPattern;
  /** The program that acts: for an exec that succeeded the new one. */
  readonly exe: PathPattern;
  readonly comm: string;
  readonly "parent.comm": string;
  /** The effective user, in the initial namespace; for a privilege event the new one. */
  readonly uid: number;
  /** What an open asks for; one that asks for several is each of them. */
  readonly access: Access;
  readonly outcome: Outcome;
  /** Text that one of the program's arguments contains. */
  readonly args: string;
  /** Whether the process is in a process namespace of its own. */
  readonly container: boolean;
}

export type Field = keyof ConditionValues;

/** Holds where any of the values does, or where it is negated none. */
export type Condition = {
  readonly [Name in Field]: {
    readonly field: Name;
    readonly negated: boolean;
    readonly values: readonly ConditionValues[Name][];
  };
}[Field];

/** Matches events of its kinds for which all its conditions hold. */
export interface Rule {
  /** Lower-case letters, digits, `-` and `_`; unique among the rules. */
  readonly name: string;
  readonly on: readonly EventKind[];
  readonly conditions: readonly Condition[];
  readonly severity: Severity;
  /** Further names and values for the event, as the user gave them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of ATT&CK, such as `T1003.008`. */
  readonly technique: string | undefined;
  /** At most so many events a second are delivered for the rule; all are counted. */
  readonly rate: number | undefined;
  /** False: it only counts. */
  readonly emit: boolean;
}
