/** Requirements that the kernel has to meet, from what it tells of itself. @module */
import { EVENT_KINDS, type PerKind } from "../events/kinds.ts";
import { parseRelease } from "../kernel/features.ts";
import { isOlder, type Release } from "../probes/catalogue.ts";
import type { ProbeState } from "../probes/probes.ts";
import { mebibytes } from "./bytes.ts";
import type { Facts, Told } from "./facts.ts";
import type { Requirement, Status } from "./report.ts";

const OLDEST_TESTED: Release = [5, 10];
const OLDEST_EXPECTED: Release = [5, 8];

/** All of them; `states` tells how events are watched, undefined where nothing could be attached. */
export function systemRequirements(
  facts: Facts,
  states: PerKind<ProbeState> | undefined,
): readonly Requirement[] {
  const runs = states !== undefined;
  return [
    kernelRequirement(facts.release, runs),
    btfRequirement(facts.btf),
    lockdownRequirement(facts.lockdown, runs),
    tracefsRequirement(facts.tracefs, states),
  ];
}

/** An old kernel on which the agent runs all the same lacks nothing that is known. */
export function kernelRequirement(told: Told, runs: boolean): Requirement {
  const id = "kernel";
  const remedy = "Run Linux 5.10 or later";
  if (!("text" in told)) {
    return { id, status: weak(runs), found: `cannot be read (${told.because})`, remedy };
  }
  const release = parseRelease(told.text);
  if (release === undefined || isOlder(release, OLDEST_EXPECTED)) {
    return { id, status: weak(runs), found: `${told.text}, which is older than 5.8`, remedy };
  }
  if (isOlder(release, OLDEST_TESTED)) {
    const found = `${told.text}, which is older than 5.10, the oldest that is tested`;
    return { id, status: "degraded", found, remedy };
  }
  return { id, status: "ok", found: told.text, remedy: null };
}

export function btfRequirement(told: Told): Requirement {
  const id = "btf";
  if ("text" in told) {
    const found = `/sys/kernel/btf/vmlinux, ${mebibytes(Number(told.text))}`;
    return { id, status: "ok", found, remedy: null };
  }
  return {
    id,
    status: "missing",
    found: `/sys/kernel/btf/vmlinux cannot be read (${told.because})`,
    remedy: "Run a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions do since Linux 5.8",
  };
}

/** The kernel tells all modes, the one in force in brackets: `none [integrity] confidentiality`. */
export function lockdownRequirement(told: Told, runs: boolean): Requirement {
  const id = "lockdown";
  if (!("text" in told)) {
    const found = told.because === "ENOENT"
      ? "this kernel has none, or securityfs is not mounted"
      : `cannot be read (${told.because})`;
    return { id, status: "ok", found, remedy: null };
  }
  const mode = /\[(\w+)\]/.exec(told.text)?.[1] ?? told.text;
  if (mode !== "confidentiality") return { id, status: "ok", found: mode, remedy: null };
  return {
    id,
    status: weak(runs),
    found: "confidentiality, in which no BPF program may read the kernel's memory",
    remedy: "Boot with lockdown=integrity or less",
  };
}

/** Only classic tracepoints need it, which are the last resort. */
export function tracefsRequirement(
  told: Told,
  states: PerKind<ProbeState> | undefined,
): Requirement {
  const id = "tracefs";
  if ("text" in told) return { id, status: "ok", found: told.text, remedy: null };
  const found = `cannot be read (${told.because})`;
  if (states !== undefined && EVENT_KINDS.every((event) => states[event].state === "attached")) {
    return { id, status: "ok", found: `${found}, and nothing in use needs it`, remedy: null };
  }
  return {
    id,
    status: "degraded",
    found,
    remedy: "Mount tracefs at /sys/kernel/tracing, and run as root or with CAP_DAC_READ_SEARCH",
  };
}

/** A flaw that may be the cause where nothing runs, and is none where everything does. */
function weak(runs: boolean): Status {
  return runs ? "degraded" : "missing";
}
