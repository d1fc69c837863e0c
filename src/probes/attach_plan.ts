/** Chooses a hook for each kind of event from what the kernel allows: pure, so that it can be tested. @module */
import { EVENT_KINDS, type EventKind, type PerKind, perKind } from "../events/kinds.ts";
import { type Hook, type HookName, isOlder, type ProbeProgram, type Release } from "./catalogue.ts";

/** What of this kernel the choice depends on. */
export interface HookFeatures {
  readonly release: Release;
  /** Whether functions can be hooked by BPF trampolines (fentry and fexit). */
  readonly trampolines: boolean;
  readonly kprobes: boolean;
  /** Whether tracefs can be read, which classic tracepoints need. */
  readonly tracefs: boolean;
  /** Whether the kernel may take the CPU from a BPF program, and then skip it for others there. */
  readonly preemptible: boolean;
  /** Whether programs may take an address for that of a kernel type, and read it in place. */
  readonly casts: boolean;
  hasFunction(name: string): boolean;
  hasTracepoint(name: string): boolean;
}

/** A hook that cannot be used, and why. */
export interface Refusal {
  readonly event: EventKind;
  readonly hook: HookName;
  readonly because: string;
}

/** The choice for one kind of event. Its programs name only what this kernel has. */
export type Choice =
  | {
    readonly state: "chosen";
    readonly hook: HookName;
    readonly programs: readonly ProbeProgram[];
    /** Hooks that were preferred, each with its reason. */
    readonly insteadOf: readonly Refusal[];
  }
  | Missing;

/** There is no hook for a kind of event. */
export interface Missing {
  readonly state: "missing";
  readonly because: string;
  /** All that could have been one, each with its reason. */
  readonly refusals: readonly Refusal[];
}

/** Hooks that a user forces, by kind of event. */
export type ForcedHooks = Readonly<Partial<Record<EventKind, HookName | undefined>>>;

/**
 * The first hook of each kind that the kernel allows and nothing has refused yet. After an attach
 * has failed, planning again with that refusal gives the next one.
 */
export function planAttach(
  catalogue: PerKind<readonly Hook[]>,
  features: HookFeatures,
  refusals: readonly Refusal[] = [],
  forced: ForcedHooks = {},
): PerKind<Choice> {
  return perKind((event) => {
    const insteadOf: Refusal[] = [];
    for (const hook of inOrder(catalogue[event], features)) {
      if (forced[event] !== undefined && forced[event] !== hook.name) continue;
      const because = refusals.find((r) => r.event === event && r.hook === hook.name)?.because ??
        unavailable(hook, features);
      if (because === undefined) {
        const programs = hook.programs.flatMap((program) => onThisKernel(program, features));
        return { state: "chosen", hook: hook.name, programs, insteadOf };
      }
      insteadOf.push({ event, hook: hook.name, because });
    }
    const reasons = insteadOf.map(({ hook, because }) => `${hook}: ${because}`);
    return { state: "missing", because: reasons.join("; "), refusals: insteadOf };
  });
}

/** The programs that a plan needs loaded. */
export function plannedPrograms(plan: PerKind<Choice>): readonly ProbeProgram[] {
  return EVENT_KINDS.flatMap((event) => {
    const choice = plan[event];
    return choice.state === "chosen" ? choice.programs : [];
  });
}

/**
 * A program that is preempted makes the kernel skip it for others on that CPU (docs/coverage.md has
 * how often); kprobes run with preemption off, so there they come first.
 */
function inOrder(hooks: readonly Hook[], { preemptible }: HookFeatures): readonly Hook[] {
  if (!preemptible) return hooks;
  const exact = hooks.filter(({ name }) => name === "kprobe");
  return [...exact, ...hooks.filter((hook) => !exact.includes(hook))];
}

function unavailable(hook: Hook, features: HookFeatures): string | undefined {
  switch (hook.name) {
    case "fentry":
    case "fexit":
      if (!features.trampolines) return "this kernel does not let BPF hook functions";
      break;
    case "kprobe":
      if (!features.kprobes) return "this kernel has no kprobes";
      break;
    case "tracepoint":
      if (!features.tracefs) return "tracefs cannot be read";
  }
  const absent = hook.programs.find((program) =>
    program.optional === undefined && onThisKernel(program, features).length === 0
  );
  return absent && `this kernel has no ${absent.at.join(" or ") || absent.tracepoint}`;
}

/** The program with those of its functions that the kernel has; none where it lacks what it needs. */
function onThisKernel(program: ProbeProgram, features: HookFeatures): readonly ProbeProgram[] {
  const { by, at, tracepoint, since = [0, 0], before } = program;
  if (tracepoint !== undefined && !features.hasTracepoint(tracepoint)) return [];
  if (isOlder(features.release, since)) return [];
  if (before !== undefined && !isOlder(features.release, before)) return [];
  if (by === "section" || by === "tracepoint") return [program];
  const present = at.filter((name) => features.hasFunction(name));
  if (present.length === 0) return [];
  return [{ ...program, at: by === "function" ? present.slice(0, 1) : present }];
}
