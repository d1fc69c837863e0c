/** Finds out whether perf_event_open works: sysctls, capabilities and filters all have a say. @module */
import type { Libc } from "../kernel/libc.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import { openPerfEvent } from "../libbpf/perf_buffer.ts";

/** A perf event that was opened and closed again, or why it was refused: an errno's name. */
export type PerfEvent = { readonly opened: true } | { readonly refused: string };

/** Opens what a perf buffer is made of, on the CPU that every machine has. */
export function tryPerfEvent(libc: Libc): PerfEvent {
  try {
    libc.symbols.close(openPerfEvent(libc, 0, { pages: 1, wakeupEvents: 1 }));
    return { opened: true };
  } catch (error) {
    if (!(error instanceof LibbpfError)) throw error;
    return { refused: error.code };
  }
}
