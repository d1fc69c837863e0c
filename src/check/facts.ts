/** What the kernel tells of itself and of this process, as it stands in /proc and /sys. @module */
import { TRACEFS_PATHS } from "../kernel/features.ts";
import { BTF_PATH, readKernelNames } from "../kernel/kernel_names.ts";
import type { Libc } from "../kernel/libc.ts";
import { KernelFileError, readKernelText } from "../kernel/read_file.ts";
import { statusOf } from "../kernel/status.ts";

/** Text that the kernel gave, or why it did not: an errno's name, or a sentence. */
export type Told = { readonly text: string } | { readonly because: string };

export interface Facts {
  readonly release: Told;
  /** Its size in bytes, as text. */
  readonly btf: Told;
  readonly lockdown: Told;
  /** The first of the folders where tracefs may be, with its reason where none can be read. */
  readonly tracefs: Told;
  /** As /proc/self/status has it, of this process. */
  readonly status: Told;
  readonly limits: Told;
  readonly perfEventParanoid: Told;
}

/** Reads all of it; `libc` is a reason where the C library could not be opened. */
export function readFacts(libc: Libc | string): Facts {
  const read = (path: string, take = readKernelText): Told => {
    if (typeof libc === "string") return { because: libc };
    try {
      return { text: take(libc, path).trim() };
    } catch (error) {
      if (error instanceof KernelFileError) return { because: error.code };
      throw error;
    }
  };
  return {
    release: read("/proc/sys/kernel/osrelease"),
    btf: read(BTF_PATH, (libc, path) => {
      readKernelNames(libc, path)[Symbol.dispose]();
      return `${statusOf(libc, path)?.size ?? 0}`;
    }),
    lockdown: read("/sys/kernel/security/lockdown"),
    tracefs: findTracefs(read),
    status: read("/proc/self/status"),
    limits: read("/proc/self/limits"),
    perfEventParanoid: read("/proc/sys/kernel/perf_event_paranoid"),
  };
}

function findTracefs(read: (path: string) => Told): Told {
  const tried = TRACEFS_PATHS.map((path) => ({ path, told: read(`${path}/events/header_page`) }));
  const readable = tried.find(({ told }) => "text" in told);
  return readable === undefined ? tried[0].told : { text: readable.path };
}
