/** A BPF ring buffer mapped into memory, to be read in place. @module */
import { EpollSet } from "../kernel/epoll.ts";
import { type Libc, pageSize } from "../kernel/libc.ts";
import type { BpfMap } from "./map.ts";
import { Mapping } from "./mapped_map.ts";

/** The ring as the kernel and this process both map it, until the buffer is disposed. */
export interface RingBufferMemory {
  /** Begins with how far we have read, in bytes. */
  readonly consumer: ArrayBuffer;
  /** Begins with how far the kernel has written, in bytes. */
  readonly producer: ArrayBuffer;
  /** The records, read-only: a power of two of bytes, twice in a row. */
  readonly data: ArrayBuffer;
}

/** An open ring buffer. What refers to its memory is empty once it is disposed. */
export interface RingBuffer extends Disposable {
  readonly memory: RingBufferMemory;
  /** Readable once a record asked for a wake-up. */
  readonly epollFd: number;
}

/** Maps a map of type BPF_MAP_TYPE_RINGBUF; throws a LibbpfError, or an AgentError. */
export function openRingBuffer(libc: Libc, map: BpfMap): RingBuffer {
  using stack = new DisposableStack();
  const page = pageSize(libc);
  const dataSize = 2 * map.maxEntries;
  const own = stack.use(new Mapping(libc, map, { size: page, offset: 0, writable: true }));
  const kernels = stack.use(
    new Mapping(libc, map, { size: page + dataSize, offset: page, writable: false }),
  );
  const memory = {
    consumer: own.part(0, page),
    producer: kernels.part(0, page),
    data: kernels.part(page, dataSize),
  };
  const set = stack.use(new EpollSet(libc));
  set.add(map.fd);
  const owned = stack.move();
  return { memory, epollFd: set.descriptor, [Symbol.dispose]: () => owned.dispose() };
}
