/** What hooks do not tell, as the agent itself announces. @module */
import type { Blindness } from "../../harness/expected.ts";

/** What these hooks, by kind of event, do not tell all together. */
export function blindnessOf(hooks: Readonly<Record<string, string>>): Blindness {
  return Object.assign(
    {},
    ...Object.entries(hooks).map(([kind, hook]) => BLIND.get(`${kind} by ${hook}`)),
  );
}

/** A hook that is not here tells all. */
const BLIND: ReadonlyMap<string, Blindness> = new Map<string, Blindness>([
  ["clone by kprobe", { cloneFlags: true }],
  ["exec by tracepoint", { argsCount: true, ia32: true }],
  ["open by fexit", { descriptor: true }],
  ["open by kprobe", { descriptor: true }],
  ["open by tracepoint", { ia32: true }],
  ["privilege by tracepoint", { ia32: true }],
]);
