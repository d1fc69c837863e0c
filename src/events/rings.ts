/** Opens what carries records to user space: a perf buffer for each CPU, or one BPF ring buffer. @module */
import { failedError } from "../errors.ts";
import { countOnlineCpus, type Libc, pageSize } from "../kernel/libc.ts";
import { OnlineCpus } from "../kernel/online_cpus.ts";
import { KernelFileError } from "../kernel/read_file.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import type { Libbpf } from "../libbpf/library.ts";
import type { BpfObject } from "../libbpf/object.ts";
import { openRingBuffer } from "../libbpf/ring_buffer.ts";
import type { Log } from "../log.ts";
import { BpfRing } from "./bpf_ring.ts";
import { PerfRings } from "./perf_rings.ts";
import type { Rings } from "./transport.ts";

/** The kernel does not let this process open a perf buffer of any size. */
export class PerfBufferRefused extends Error {
  override readonly name = "PerfBufferRefused";
}

/** The kernel does not make a BPF ring buffer as large as was asked for. */
export class BpfRingRefused extends Error {
  override readonly name = "BpfRingRefused";
}

const MOST_BYTES_PER_CPU = 8 * 2 ** 20;
const MOST_BYTES_IN_ALL = 64 * 2 ** 20;
/** It is mapped twice in a row, and places in it are reckoned with in 31 bits. */
const LARGEST_BPF_RING = 2 ** 30;
/** EPERM: over the locked memory that perf_event_mlock_kb and RLIMIT_MEMLOCK allow. */
const TOO_LARGE: readonly string[] = ["EPERM", "ENOMEM", "EINVAL"];
const REFUSED: readonly string[] = ["EPERM", "EACCES", "ENOSYS"];

/**
 * Pages of so many bytes for each CPU that are opened unless asked otherwise: 8 MiB, which is 2,048
 * pages mostly, up to 64 MiB for all that are online.
 */
export function defaultRingPages(cpus: number, pageSize: number): number {
  return pagesWithin(Math.min(MOST_BYTES_PER_CPU, MOST_BYTES_IN_ALL / cpus), pageSize);
}

/** The most pages for each CPU that one BPF ring buffer can take the place of. */
export function mostBpfRingPages(cpus: number, pageSize: number): number {
  return pagesWithin(LARGEST_BPF_RING / cpus, pageSize);
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
  const { libc } = libbpf;
  const maps = { events: object.map("perf_rings"), doorbell: object.map("perf_doorbell") };
  const sizing = { what: "perf buffer", wanted: pages, isTooLarge, log };
  try {
    return withFewerPages(
      sizing,
      (fewer) => new PerfRings({ libc, maps, pages: fewer, log, online: new OnlineCpus(libc) }),
    );
  } catch (error) {
    throw refusal(error);
  }
}

/**
 * Loads an object with a BPF ring buffer of a size in bytes, and with a smaller one where `load`
 * throws BpfRingRefused. Throws an AgentError where it does so at any size.
 */
export function loadWithBpfRing<T>(
  libc: Libc,
  { pages, log }: { readonly pages: number; readonly log: Log },
  load: (size: number) => T,
): T {
  const cpus = countOnlineCpus(libc);
  const page = pageSize(libc);
  const isTooLarge = (error: unknown) => error instanceof BpfRingRefused;
  const most = mostBpfRingPages(cpus, page);
  const sizing = { what: "BPF ring buffer", wanted: pages, most, isTooLarge, log };
  try {
    return withFewerPages(sizing, (fewer) => load(ringBufferSize(fewer, cpus, page)));
  } catch (error) {
    if (!(error instanceof BpfRingRefused)) throw error;
    throw failedError(`${error.message}. Free some memory`, error);
  }
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
    follow: () => false,
    [Symbol.dispose]: () => buffer[Symbol.dispose](),
  };
}

interface Sizing {
  /** What is made smaller. */
  readonly what: string;
  /** Pages for each CPU, a power of two. */
  readonly wanted: number;
  /** More are not even tried. */
  readonly most?: number;
  readonly isTooLarge: (error: unknown) => boolean;
  readonly log: Log;
}

/** Opens with so many pages, or half as many, and so on, where the kernel refuses them. */
function withFewerPages<T>(
  { what, wanted, most = wanted, isTooLarge, log }: Sizing,
  open: (pages: number) => T,
): T {
  for (let pages = Math.min(wanted, most);; pages /= 2) {
    try {
      const opened = open(pages);
      if (pages < wanted) {
        log.warn(`The kernel refuses so large a ${what}: using a smaller one`, { pages, wanted });
      }
      return opened;
    } catch (error) {
      if (pages === 1 || !isTooLarge(error)) throw error;
    }
  }
}

/** A power of two. */
function pagesWithin(bytes: number, pageSize: number): number {
  return Math.max(1, 2 ** Math.floor(Math.log2(bytes / pageSize)));
}

function isTooLarge(error: unknown): boolean {
  return error instanceof LibbpfError && TOO_LARGE.includes(error.code);
}

/** What is to be said where perf rings of no size can be had. */
function refusal(error: unknown): unknown {
  if (!(error instanceof KernelFileError || error instanceof LibbpfError)) return error;
  const { message, code } = error;
  if (code === "EMFILE") return failedError(message, error);
  if (error instanceof KernelFileError) {
    return failedError(`${message}. Mount sysfs at /sys`, error);
  }
  if (REFUSED.includes(code)) return new PerfBufferRefused(message, { cause: error });
  return failedError(`${message}. Free some memory, or use --ring.pages`, error);
}
