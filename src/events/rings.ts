/** Opens what carries records to user space: a perf buffer for each CPU, or one BPF ring buffer. @module */
import { failedError } from "../errors.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import type { Libbpf } from "../libbpf/library.ts";
import type { BpfObject } from "../libbpf/object.ts";
import { openPerfBuffer, type PerfBuffer } from "../libbpf/perf_buffer.ts";
import { openRingBuffer } from "../libbpf/ring_buffer.ts";
import type { Log } from "../log.ts";
import { BpfRing } from "./bpf_ring.ts";
import { PerfRing } from "./perf_ring.ts";
import type { Ring } from "./ring.ts";
import type { Transport } from "./transport.ts";

/** The open rings; disposing it unmaps them. */
export interface Rings extends Disposable {
  readonly transport: Transport;
  /** Pages of each CPU's perf buffer; undefined for the one ring that all CPUs share. */
  readonly pages: number | undefined;
  readonly events: readonly Ring[];
  /** An epoll set that is readable when a BPF program has rung. */
  readonly doorbellFd: number;
  /** Makes room for more rings. */
  clearDoorbell(): void;
}

/** The kernel does not let this process open a perf buffer of any size. */
export class PerfBufferRefused extends Error {
  override readonly name = "PerfBufferRefused";
}

const MOST_BYTES_PER_CPU = 8 * 2 ** 20;
const MOST_BYTES_IN_ALL = 64 * 2 ** 20;
/** Above any ring's size: only the doorbell wakes. */
const NEVER = 2 ** 31;
/** EPERM: over the locked memory that perf_event_mlock_kb and RLIMIT_MEMLOCK allow. */
const TOO_LARGE: readonly string[] = ["EPERM", "ENOMEM", "EINVAL"];

/**
 * Pages of so many bytes for each CPU that are opened unless asked otherwise: 8 MiB, which is 2,048
 * pages mostly, up to 64 MiB for all that are online.
 */
export function defaultRingPages(cpus: number, pageSize: number): number {
  const share = Math.min(MOST_BYTES_PER_CPU, MOST_BYTES_IN_ALL / cpus);
  return Math.max(1, 2 ** Math.floor(Math.log2(share / pageSize)));
}

/** The size in bytes of the one ring buffer that takes the place of so many pages for each CPU. */
export function ringBufferSize(pages: number, cpus: number, pageSize: number): number {
  return pageSize * 2 ** Math.ceil(Math.log2(pages * cpus));
}

/**
 * Opens a perf buffer, with fewer pages where the kernel refuses so many. Throws PerfBufferRefused
 * where it refuses any: it asks for CAP_SYS_ADMIN above a perf_event_paranoid of 2 on Debian and
 * Ubuntu, and seccomp filters often forbid perf_event_open.
 */
export function openPerfRings(libbpf: Libbpf, object: BpfObject, pages: number, log: Log): Rings {
  using stack = new DisposableStack();
  const events = withFewerPages(
    pages,
    log,
    (fewer) =>
      openPerfBuffer(libbpf, object.map("perf_rings"), {
        pages: fewer,
        wakeupWatermark: NEVER,
      }),
  );
  stack.use(events.buffer);
  const doorbell = stack.use(
    openPerfBuffer(libbpf, object.map("perf_doorbell"), { pages: 1, wakeupEvents: 1 }),
  );
  const doorbellRings = doorbell.rings.map((memory) => new PerfRing(memory));
  const owned = stack.move();
  return {
    transport: "perf",
    pages: events.pages,
    events: events.buffer.rings.map((memory) => new PerfRing(memory)),
    doorbellFd: doorbell.epollFd,
    clearDoorbell: () => doorbellRings.forEach((ring) => ring.clear()),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Maps the object's ring buffer, which needs no perf_event_open. */
export function openBpfRing(libbpf: Libbpf, object: BpfObject): Rings {
  const buffer = openRingBuffer(libbpf.libc, object.map("ring"));
  return {
    transport: "ring",
    pages: undefined,
    events: [new BpfRing(buffer.memory)],
    doorbellFd: buffer.epollFd,
    clearDoorbell: () => {},
    [Symbol.dispose]: () => buffer[Symbol.dispose](),
  };
}

function withFewerPages(
  pages: number,
  log: Log,
  open: (pages: number) => PerfBuffer,
): { readonly buffer: PerfBuffer; readonly pages: number } {
  for (let fewer = pages;; fewer /= 2) {
    try {
      const buffer = open(fewer);
      if (fewer < pages) {
        const fields = { pages: fewer, wanted: pages };
        log.warn("The kernel refuses so large a perf buffer: using a smaller one", fields);
      }
      return { buffer, pages: fewer };
    } catch (error) {
      if (!(error instanceof LibbpfError)) throw error;
      if (TOO_LARGE.includes(error.code) && fewer > 1) continue;
      const refused = error.code === "EPERM" || error.code === "EACCES" || error.code === "ENOSYS";
      if (refused) throw new PerfBufferRefused(error.message, { cause: error });
      throw failedError(`${error.message}. Free some memory, or use --ring.pages`, error);
    }
  }
}
