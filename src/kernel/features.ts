/** What this kernel has that the choice of hooks depends on. @module */
import { unsupportedError } from "../errors.ts";
import type { HookFeatures } from "../probes/attach_plan.ts";
import type { Release } from "../probes/catalogue.ts";
import type { Libc } from "./libc.ts";
import { BTF_PATH, type KernelNames, readKernelNames } from "./kernel_names.ts";
import { KernelFileError, readKernelText } from "./read_file.ts";

/** Where tracefs may be mounted, the best first. */
export const TRACEFS_PATHS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"] as const;
const COMPILER_PATH = "/proc/sys/net/core/bpf_jit_enable";
const PREEMPTION_PATH = "/sys/kernel/debug/sched/preempt";

/**
 * Reads what the kernel has; throws an AgentError where it lacks what no hook can do without. To be
 * disposed once hooks are chosen: it holds some megabytes.
 */
export function readFeatures(libc: Libc): HookFeatures & Disposable {
  const names = readNames(libc);
  const has = (name: string) => names.has(name);
  const tracefs = TRACEFS_PATHS.find((path) => canRead(libc, `${path}/events/header_page`));
  const named = kernelRelease(libc);
  const release = parseRelease(named);
  if (release === undefined) throw new TypeError(`Cannot read the kernel's release: ${named}`);
  return {
    release,
    // Linux 5.10 names only functions that can be traced, which the first is not: there its struct
    // tells. A kernel that forbids to trace functions lets nobody list them either.
    trampolines: (has("register_ftrace_direct") || has("ftrace_direct_func")) &&
      (tracefs === undefined || canRead(libc, `${tracefs}/enabled_functions`)),
    kprobes: has("register_kprobe"),
    tracefs: tracefs !== undefined,
    preemptible: isPreemptible({
      version: readKernelText(libc, "/proc/sys/kernel/version"),
      release,
      mode: readOrNothing(libc, PREEMPTION_PATH),
    }),
    // The compiler's switch is not for everyone to read; it is hardly ever off.
    casts: has("bpf_rdonly_cast") && readOrNothing(libc, COMPILER_PATH)?.trim() !== "0",
    hasFunction: has,
    // The kernel declares a type of this name for each tracepoint that BPF can attach to.
    hasTracepoint: (name) => has(`btf_trace_${name}`),
    [Symbol.dispose]: () => names[Symbol.dispose](),
  };
}

/** The release of the running kernel, such as `6.1.0-18-amd64`. */
export function kernelRelease(libc: Libc): string {
  return readKernelText(libc, "/proc/sys/kernel/osrelease").trim();
}

/** The version in a release; undefined where it does not begin with one. */
export function parseRelease(release: string): Release | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

/** What tells of a kernel's preemption. */
export interface Preemption {
  /** The line that `uname -v` shows. */
  readonly version: string;
  readonly release: Release;
  /** Such as `none voluntary (full) lazy`, where it can be read. */
  readonly mode: string | undefined;
}

/**
 * Whether kernel code, BPF programs among it, can be preempted. A kernel with PREEMPT_DYNAMIC can be
 * set to either, and tells which only in debugfs: where that cannot be read, it is taken for
 * preemptible from 6.13 on, which brought lazy preemption.
 */
export function isPreemptible({ version, release, mode }: Preemption): boolean {
  if (!version.includes("PREEMPT_DYNAMIC")) return /\bPREEMPT(_RT|_LAZY)?\b/.test(version);
  if (mode !== undefined) return /\((full|lazy)\)/.test(mode);
  const [major, minor] = release;
  return major > 6 || (major === 6 && minor >= 13);
}

function readNames(libc: Libc): KernelNames {
  try {
    return readKernelNames(libc);
  } catch (error) {
    if (!(error instanceof KernelFileError)) throw error;
    throw unsupportedError(
      `Cannot use this kernel: it has no type information (${BTF_PATH}: ${error.code}). ` +
        "Run a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions do since Linux 5.8",
      error,
    );
  }
}

function canRead(libc: Libc, path: string): boolean {
  return readOrNothing(libc, path) !== undefined;
}

function readOrNothing(libc: Libc, path: string): string | undefined {
  try {
    return readKernelText(libc, path);
  } catch (error) {
    if (error instanceof KernelFileError) return undefined;
    throw error;
  }
}
