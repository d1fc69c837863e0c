/** A perf buffer: a ring for each CPU, handed out as mapped memory to be read in place. @module */
import type { Libbpf } from "./library.ts";
import type { BpfMap } from "./map.ts";
import type { PerfBufferPointer } from "./symbols.ts";

/** How large the rings are, and when they wake who waits on `epollFd`. */
export type PerfBufferOptions =
  & {
    /** Pages of each CPU's ring: a power of two. */
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

/** One CPU's ring as the kernel and this process both map it, until the buffer is disposed. */
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
  /** Where the data begins: the size of the first page. */
  dataOffset: 1040,
  dataSize: 1048,
} as const;

/**
 * Opens a ring on each online CPU and puts them into the map. Throws a LibbpfError: `EPERM` where
 * more memory is asked for than may be locked, `ENOMEM` where there is not as much.
 */
export function openPerfBuffer(
  libbpf: Libbpf,
  map: BpfMap,
  options: PerfBufferOptions,
): PerfBuffer {
  const attributes = perfEventAttributes(options);
  const { fd } = map;
  const pointer = libbpf.attemptPointer(
    `open a perf buffer of ${options.pages} pages for each CPU`,
    // No callback: libbpf calls it where it reads the rings itself, which it is never asked to.
    (symbols) =>
      symbols.perf_buffer__new_raw(fd, BigInt(options.pages), attributes, null, null, null),
  );
  using stack = new DisposableStack();
  stack.defer(() => libbpf.symbols.perf_buffer__free(pointer));
  const epollFd = libbpf.attempt(
    "wait on a perf buffer",
    (symbols) => symbols.perf_buffer__epoll_fd(pointer),
  );
  const rings = mapRings(libbpf, pointer);
  stack.defer(() => rings.forEach(detach));
  return new PerfBuffer(epollFd, rings, stack.move());
}

/** An open perf buffer. What refers to its rings' memory is empty once it is disposed. */
export class PerfBuffer implements Disposable {
  /** Readable once a ring has as much in it as was asked for. */
  readonly epollFd: number;
  /** One for each CPU that was online. */
  readonly rings: readonly RingMemory[];
  readonly #resources: Disposable;

  /** Called by {@link openPerfBuffer}. */
  constructor(epollFd: number, rings: readonly RingMemory[], resources: Disposable) {
    this.epollFd = epollFd;
    this.rings = rings;
    this.#resources = resources;
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
  }
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

const PERF_TYPE_SOFTWARE = 1;
const PERF_COUNT_SW_BPF_OUTPUT = 10n;
const PERF_SAMPLE_RAW = 1n << 10n;
const FLAG_WATERMARK = 1n << 14n;

function mapRings(libbpf: Libbpf, pointer: PerfBufferPointer): readonly RingMemory[] {
  const rings: RingMemory[] = [];
  const address = new BigUint64Array(1);
  // libbpf tells the size without the first page; the ring itself tells both.
  const size = new BigUint64Array(1);
  // At most one for each possible CPU.
  const count = Number(libbpf.symbols.perf_buffer__buffer_cnt(pointer));
  for (let index = 0; index < count; index++) {
    libbpf.attempt(
      `map ring ${index} of a perf buffer`,
      (symbols) => symbols.perf_buffer__buffer(pointer, index, address, size),
    );
    const base = Deno.UnsafePointer.create(address[0] ?? 0n);
    if (base === null) throw new TypeError(`Cannot map ring ${index} of a perf buffer: it is null`);
    // SAFETY: libbpf mapped the ring and unmaps it in perf_buffer__free; its buffers are detached
    // before that, so that no view of them can reach the memory any longer. The kernel wrote the
    // offset and size of the data for this very mapping (Linux 4.1 and later).
    const view = new Deno.UnsafePointerView(base);
    const dataOffset = Number(view.getBigUint64(METADATA.dataOffset));
    const dataSize = Number(view.getBigUint64(METADATA.dataSize));
    rings.push({
      metadata: view.getArrayBuffer(dataOffset),
      data: view.getArrayBuffer(dataSize, dataOffset),
    });
  }
  return rings;
}

/** Takes the memory away from a ring's buffers and all views of them. */
function detach({ metadata, data }: RingMemory): void {
  metadata.transfer(0);
  data.transfer(0);
}
