/** Finds out whether perf_event_open works: sysctls, capabilities and filters all have a say. @module */
import { errnoName } from "../kernel/errno.ts";
import type { Libc } from "../kernel/libc.ts";
import { perfEventAttributes } from "../libbpf/perf_buffer.ts";

/** A perf event that was opened and closed again, or why it was refused: an errno's name. */
export type PerfEvent = { readonly opened: true } | { readonly refused: string };

/** `__NR_perf_event_open` */
const CALLS = { x86_64: 298, aarch64: 241 } as const;
const EVERY_PROCESS = -1;
const NO_GROUP = -1;
const PERF_FLAG_FD_CLOEXEC = 8n;
const SYSCALL_SYMBOLS = {
  syscall: { parameters: ["isize", "buffer", "i32", "i32", "i32", "usize"], result: "isize" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Opens what a perf buffer is made of, on the CPU that every machine has. */
export function tryPerfEvent(libc: Libc): PerfEvent {
  const library = Deno.dlopen("libc.so.6", SYSCALL_SYMBOLS);
  try {
    const number = BigInt(CALLS[Deno.build.arch]);
    const attributes = perfEventAttributes({ pages: 1, wakeupEvents: 1 });
    const { syscall } = library.symbols;
    const fd = Number(
      syscall(number, attributes, EVERY_PROCESS, 0, NO_GROUP, PERF_FLAG_FD_CLOEXEC),
    );
    if (fd < 0) return { refused: errnoName(libc.errno()) };
    libc.symbols.close(fd);
    return { opened: true };
  } finally {
    library.close();
  }
}
