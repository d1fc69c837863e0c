/** Requirements on what this process may do: perf events, and memory to be locked. @module */
import { isOlder } from "../probes/catalogue.ts";
import { mebibytes } from "./bytes.ts";
import { type CapabilityName, heldCapabilities } from "./capabilities.ts";
import type { Facts, Told } from "./facts.ts";
import type { PerfEvent } from "./perf_event.ts";
import type { Requirement } from "./report.ts";
import { parseRelease } from "../kernel/features.ts";

/** From here on maps are accounted to the control group and not to the locked memory. */
const MAPS_NOT_LOCKED = [5, 11] as const;

/** The sysctl, and whether perf_event_open works, which does not follow from it. */
export function perfEventRequirement(paranoid: Told, event: PerfEvent): Requirement {
  const id = "perf_event_paranoid";
  const value = "text" in paranoid ? paranoid.text : `cannot be read (${paranoid.because})`;
  if ("opened" in event) {
    return { id, status: "ok", found: `${value}; perf_event_open works`, remedy: null };
  }
  return {
    id,
    status: "degraded",
    found:
      `${value}; perf_event_open is refused (${event.refused}), so neither a perf buffer nor ` +
      "kprobes and classic tracepoints can be used",
    remedy: event.refused === "EACCES" && Number(value) > 2
      ? "Set kernel.perf_event_paranoid=2, or run with CAP_SYS_ADMIN"
      : "Allow perf_event_open in the seccomp filter, or run with CAP_PERFMON",
  };
}

/** The perf buffer's size for each CPU, as it was asked for and as it was had. */
export interface RingPages {
  readonly wanted: number;
  /** Undefined where a BPF ring buffer is used in its place. */
  readonly opened: number | undefined;
}

/** How much memory may be locked, judged by what came of it; no pages where nothing was attached. */
export function memlockRequirement(facts: Facts, pages: RingPages | undefined): Requirement {
  const id = "memlock";
  const limit = lockedMemoryLimit(facts.limits);
  const held = "text" in facts.status
    ? heldCapabilities(facts.status.text)
    : new Set<CapabilityName>();
  const found = `${limit === Infinity ? "unlimited" : mebibytes(limit)}${
    held.has("CAP_IPC_LOCK") ? ", and CAP_IPC_LOCK lifts it for perf buffers" : ""
  }`;
  if (pages?.opened !== undefined && pages.opened < pages.wanted) {
    return {
      id,
      status: "degraded",
      found: `${found}; the perf buffer has ${pages.opened} pages for each CPU instead of ` +
        `${pages.wanted}`,
      remedy:
        "Set LimitMEMLOCK=infinity in the unit (ulimit -l unlimited), or run with CAP_IPC_LOCK",
    };
  }
  const release = "text" in facts.release ? parseRelease(facts.release.text) : undefined;
  const mapsAreLocked = release !== undefined && isOlder(release, MAPS_NOT_LOCKED);
  if (pages === undefined && mapsAreLocked && limit !== Infinity && !held.has("CAP_SYS_RESOURCE")) {
    return {
      id,
      status: "missing",
      found: `${found}; before Linux 5.11 the memory of BPF maps counts as locked`,
      remedy: "Set LimitMEMLOCK=infinity in the unit (ulimit -l unlimited)",
    };
  }
  return { id, status: "ok", found, remedy: null };
}

/** RLIMIT_MEMLOCK in bytes as /proc/self/limits has it; none where that cannot be read. */
export function lockedMemoryLimit(limits: Told): number {
  const text = "text" in limits ? /^Max locked memory\s+(\S+)/m.exec(limits.text)?.[1] : undefined;
  if (text === undefined) return 0;
  return text === "unlimited" ? Infinity : Number(text);
}
