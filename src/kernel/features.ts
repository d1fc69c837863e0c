/** What this kernel has that the choice of hooks depends on. @module */
import { Buffer } from "node:buffer";
import { unsupportedError } from "../errors.ts";
import type { HookFeatures } from "../probes/attach_plan.ts";
import type { Libc } from "./libc.ts";
import { KernelFileError, readKernelFile, readKernelText } from "./read_file.ts";

const BTF_PATH = "/sys/kernel/btf/vmlinux";
const TRACEFS_PATHS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"] as const;

/** Reads what the kernel has; throws an AgentError where it lacks what no hook can do without. */
export function readFeatures(libc: Libc): HookFeatures {
  const btf = readBtf(libc);
  return {
    btf: true,
    tracefs: TRACEFS_PATHS.some((path) => canRead(libc, `${path}/events/header_page`)),
    // The kernel declares a type of this name for each tracepoint that BPF can attach to.
    hasTracepoint: (name) => btf.includes(`\0btf_trace_${name}\0`, "latin1"),
  };
}

/** The release of the running kernel, such as `6.1.0-18-amd64`. */
export function kernelRelease(libc: Libc): string {
  return readKernelText(libc, "/proc/sys/kernel/osrelease").trim();
}

function readBtf(libc: Libc): Buffer {
  try {
    const bytes = readKernelFile(libc, BTF_PATH);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
  try {
    readKernelFile(libc, path);
    return true;
  } catch (error) {
    if (error instanceof KernelFileError) return false;
    throw error;
  }
}
