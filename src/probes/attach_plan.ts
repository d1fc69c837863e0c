/** Chooses a hook for each kind of event from what the kernel allows: pure, so that it can be tested. @module */
import { EVENT_KINDS, type EventKind, type PerKind, perKind } from "../events/kinds.ts";
import type { Hook, HookName, ProbeProgram } from "./catalogue.ts";

/** What of this kernel the choice depends on. */
export interface HookFeatures {
  /** The kernel has type information, which `tp_btf` needs. */
  readonly btf: boolean;
  /** Whether tracefs can be read, which classic tracepoints need. */
  readonly tracefs: boolean;
  /** Whether the kernel has a tracepoint of this name. */
  hasTracepoint(name: string): boolean;
}

/** A hook that cannot be used, and why. */
export interface Refusal {
  readonly event: EventKind;
  readonly hook: HookName;
  readonly because: string;
}

/** The choice for one kind of event. */
export type Choice =
  | {
    readonly state: "chosen";
    readonly hook: HookName;
    readonly programs: readonly ProbeProgram[];
  }
  | { readonly state: "missing"; readonly because: string };

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
    const reasons: string[] = [];
    for (const hook of catalogue[event]) {
      if (forced[event] !== undefined && forced[event] !== hook.name) continue;
      const because = refusals.find((r) => r.event === event && r.hook === hook.name)?.because ??
        unavailable(hook, features);
      if (because === undefined) return chosen(hook, features);
      reasons.push(`${hook.name}: ${because}`);
    }
    return { state: "missing", because: reasons.join("; ") || `no hook is named ${forced[event]}` };
  });
}

/** The programs that a plan needs loaded. */
export function plannedPrograms(plan: PerKind<Choice>): readonly ProbeProgram[] {
  return EVENT_KINDS.flatMap((event) => {
    const choice = plan[event];
    return choice.state === "chosen" ? choice.programs : [];
  });
}

function chosen(hook: Hook, features: HookFeatures): Choice {
  const programs = hook.programs.filter((program) =>
    program.onlyWith === undefined || features.hasTracepoint(program.onlyWith)
  );
  return { state: "chosen", hook: hook.name, programs };
}

function unavailable(hook: Hook, features: HookFeatures): string | undefined {
  if (hook.name === "tp_btf" && !features.btf) return "this kernel has no BTF";
  if (hook.name === "tracepoint" && !features.tracefs) return "tracefs cannot be read";
  return undefined;
}
