/** The capabilities of this process, and what each of them is for. @module */
import type { Told } from "./facts.ts";
import type { Requirement } from "./report.ts";

/** Capabilities that make a difference, by their numbers in linux/capability.h. */
export const CAPABILITIES = [
  { name: "CAP_BPF", bit: 39, for: "loads programs, creates maps" },
  { name: "CAP_PERFMON", bit: 38, for: "attaches programs, reads the kernel's memory" },
  { name: "CAP_SYS_ADMIN", bit: 21, for: "stands for both; every perf event, stats" },
  { name: "CAP_IPC_LOCK", bit: 14, for: "locks more memory for a perf buffer" },
  { name: "CAP_SYS_RESOURCE", bit: 24, for: "locks more memory for maps, before 5.11" },
  { name: "CAP_DAC_READ_SEARCH", bit: 2, for: "tracefs, for classic tracepoints" },
] as const;

export type CapabilityName = (typeof CAPABILITIES)[number]["name"];

/** The effective ones of CAPABILITIES in the text of /proc/self/status. */
export function heldCapabilities(status: string): ReadonlySet<CapabilityName> {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const held = CAPABILITIES.filter(({ bit }) => (mask >> BigInt(bit) & 1n) === 1n);
  return new Set(held.map(({ name }) => name));
}

/** The requirement; nothing runs without the first two of them, or the third in their place. */
export function capabilitiesRequirement(status: Told): Requirement {
  const id = "capabilities";
  if (!("text" in status)) {
    return {
      id,
      status: "missing",
      found: `cannot be read (${status.because})`,
      remedy: "Mount /proc",
    };
  }
  const held = heldCapabilities(status.text);
  const lacking = held.has("CAP_SYS_ADMIN")
    ? []
    : (["CAP_BPF", "CAP_PERFMON"] as const).filter((name) => !held.has(name));
  const details = CAPABILITIES.map((capability) =>
    `${capability.name} ${held.has(capability.name) ? "held" : "not held"}: ${capability.for}`
  );
  if (lacking.length === 0) {
    return { id, status: "ok", found: "what is needed is held", remedy: null, details };
  }
  return {
    id,
    status: "missing",
    found: `not held: ${lacking.join(" and ")}`,
    remedy: "Run as root, or with CAP_BPF and CAP_PERFMON",
    details,
  };
}
