/** A perf buffer: the ring of a CPU, handed out as mapped memory to be read in place. @module */
import { type Libc, pageSize } from "../kernel/libc.ts";
import { LibbpfError } from "./errors.ts";
import type { BpfMap } from "./map.ts";
import { Mapping } from "./mapping.ts";

/** How large a ring is, and when it wakes who waits for its descriptor. */
export type PerfBufferOptions =
  & {
    /** A power of two. */
    readonly pages: number;
  }
  & ({
    /** Wake after so many records. */
    readonly wakeupEvents: number;
    readonly wakeupWatermark?: never;
  } | {
    /** Wake when so many bytes were written since the last time. */
    readonly wakeupWatermark: number;
    readonly wakeupEvents?: never;
  });

/** A ring as the kernel and this process both map it. */
export interface RingMemory {
  /** The first page, `struct perf_event_mmap_page`. */
  readonly metadata: ArrayBuffer;
  /** The records: a power of two in size. */
  readonly data: ArrayBuffer;
}

/** Offsets in a ring's first page (`struct perf_event_mmap_page` of linux/perf_event.h). */
export const METADATA = {
  /** Bytes ever written, by the kernel. */
  dataHead: 1024,
  /** Bytes ever read, by us. */
  dataTail: 1032,
} as const;

/**
 * Opens a ring on a CPU and puts it into the map, in the place of one that is there. Throws a
 * LibbpfError: `EPERM` where more memory is asked for than may be locked, `ENOMEM` where there is not
 * as much, `ENODEV` where the CPU is offline.
 */
export function openPerfBuffer(
  libc: Libc,
  map: BpfMap,
  cpu: number,
  options: PerfBufferOptions,
): PerfBuffer {
  using stack = new DisposableStack();
  const descriptor = openPerfEvent(libc, cpu, options);
  stack.defer(() => libc.symbols.close(descriptor));
  const page = pageSize(libc);
  const size = options.pages * page;
  const what = `a perf buffer of ${options.pages} pages on CPU ${cpu}`;
  const mapping = stack.use(
    new Mapping(libc, descriptor, { what, size: page + size, offset: 0, writable: true }),
  );
  map.update(Uint32Array.of(cpu), Int32Array.of(descriptor));
  const memory = { metadata: mapping.part(0, page), data: mapping.part(page, size) };
  const owned = stack.move();
  return { descriptor, memory, [Symbol.dispose]: () => owned.dispose() };
}

/**
 * An open perf buffer. Disposing it unmaps the memory, and leaves the map as it is: there may be
 * another ring in its place.
 */
export interface PerfBuffer extends Disposable {
  /** Readable once the ring has as much in it as was asked for. */
  readonly descriptor: number;
  /** Empty once it is disposed. */
  readonly memory: RingMemory;
}

/** Opens the perf event that a perf buffer on a CPU is mapped from. Throws a LibbpfError. */
export function openPerfEvent(libc: Libc, cpu: number, options: PerfBufferOptions): number {
  const attributes = perfEventAttributes(options);
  const call = BigInt(CALLS[Deno.build.arch]);
  const { perf_event_open } = libc.symbols;
  const descriptor = Number(
    perf_event_open(call, attributes, EVERY_PROCESS, cpu, NO_GROUP, PERF_FLAG_FD_CLOEXEC),
  );
  if (descriptor >= 0) return descriptor;
  throw new LibbpfError(`open a perf buffer on CPU ${cpu}`, { code: libc.errno(), log: [] });
}

/** The `struct perf_event_attr` of a BPF output event, in its first version's size. */
export function perfEventAttributes(options: PerfBufferOptions): Uint8Array {
  const { wakeupEvents, wakeupWatermark } = options;
  const attributes = new Uint8Array(ATTRIBUTES.size);
  const fields = new DataView(attributes.buffer);
  fields.setUint32(ATTRIBUTES.type, PERF_TYPE_SOFTWARE, true);
  fields.setUint32(ATTRIBUTES.sizeField, ATTRIBUTES.size, true);
  fields.setBigUint64(ATTRIBUTES.config, PERF_COUNT_SW_BPF_OUTPUT, true);
  fields.setBigUint64(ATTRIBUTES.samplePeriod, 1n, true);
  fields.setBigUint64(ATTRIBUTES.sampleType, PERF_SAMPLE_RAW, true);
  fields.setBigUint64(ATTRIBUTES.flags, wakeupWatermark === undefined ? 0n : FLAG_WATERMARK, true);
  fields.setUint32(ATTRIBUTES.wakeup, wakeupWatermark ?? wakeupEvents, true);
  return attributes;
}

/** Offsets in `struct perf_event_attr` (linux/perf_event.h). */
const ATTRIBUTES = {
  type: 0,
  sizeField: 4,
  config: 8,
  samplePeriod: 16,
  sampleType: 24,
  flags: 40,
  /** `wakeup_events` or, with the watermark flag, `wakeup_watermark`. */
  wakeup: 48,
  /** PERF_ATTR_SIZE_VER0, which every kernel takes. */
  size: 64,
} as const;

/** `__NR_perf_event_open` */
const CALLS = { x86_64: 298, aarch64: 241 } as const;
const EVERY_PROCESS = -1;
const NO_GROUP = -1;
const PERF_FLAG_FD_CLOEXEC = 8n;

const PERF_TYPE_SOFTWARE = 1;
const PERF_COUNT_SW_BPF_OUTPUT = 10n;
const PERF_SAMPLE_RAW = 1n << 10n;
const FLAG_WATERMARK = 1n << 14n;
