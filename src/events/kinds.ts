/** The kinds of event, in the order of `enum event_kind` in bpf/agent.h. @module */
import { EventKindNumber } from "./layout.gen.ts";

/** A kind of event; its place in {@link EVENT_KINDS} is its number in records and maps. */
export type EventKind = (typeof EVENT_KINDS)[number];

export const EVENT_KINDS = ["exec", "clone", "open", "privilege"] as const;

/** What of a record's first word is the number of its kind; `Origin` tells of the rest. */
export const KIND_MASK = EventKindNumber.origin - 1;

/** A value for each kind of event. */
export type PerKind<T> = Readonly<Record<EventKind, T>>;

/** Builds a value for each kind, given the kind and its number. */
export function perKind<T>(make: (kind: EventKind, index: number) => T): PerKind<T> {
  return {
    exec: make("exec", 0),
    clone: make("clone", 1),
    open: make("open", 2),
    privilege: make("privilege", 3),
  };
}
