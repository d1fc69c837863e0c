/** A BPF ring buffer mapped into memory, to be read in place. @module */
import type { Libc } from "../kernel/libc.ts";
import { LibbpfError } from "./errors.ts";
import type { BpfMap } from "./map.ts";

/** The ring as the kernel and this process both map it, until the buffer is disposed. */
export interface RingBufferMemory {
  /** Begins with how far we have read, in bytes. */
  readonly consumer: ArrayBuffer;
  /** Begins with how far the kernel has written, in bytes. */
  readonly producer: ArrayBuffer;
  /** The records, read-only: a power of two of bytes, twice in a row. */
  readonly data: ArrayBuffer;
}

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const SC_PAGESIZE = 30;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const EPOLL_CLOEXEC = 0o2000000;
/** Room for `struct epoll_event` on every architecture. */
const EPOLL_EVENT_SIZE = 16;

/** An open ring buffer. What refers to its memory is empty once it is disposed. */
export interface RingBuffer extends Disposable {
  readonly memory: RingBufferMemory;
  /** Readable once a record asked for a wake-up. */
  readonly epollFd: number;
}

/** Maps a map of type BPF_MAP_TYPE_RINGBUF; throws a LibbpfError. */
export function openRingBuffer(libc: Libc, map: BpfMap): RingBuffer {
  using stack = new DisposableStack();
  const page = Number(libc.symbols.sysconf(SC_PAGESIZE));
  const size = map.maxEntries;
  const mapped = (bytes: number, protection: number, offset: number) => {
    const pointer = libc.symbols.mmap(
      null,
      BigInt(bytes),
      protection,
      MAP_SHARED,
      map.fd,
      BigInt(offset),
    );
    if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) {
      throw failure(libc, `map the ring buffer "${map.name}"`);
    }
    stack.defer(() => void libc.symbols.munmap(pointer, BigInt(bytes)));
    return new Deno.UnsafePointerView(pointer);
  };
  const own = mapped(page, PROT_READ | PROT_WRITE, 0);
  const kernels = mapped(page + 2 * size, PROT_READ, page);
  // SAFETY: the buffers lie within the mappings above, and are detached before those are undone.
  const memory = {
    consumer: own.getArrayBuffer(page),
    producer: kernels.getArrayBuffer(page),
    data: kernels.getArrayBuffer(2 * size, page),
  };
  stack.defer(() => Object.values(memory).forEach((buffer) => buffer.transfer(0)));
  const epollFd = watch(libc, map, stack);
  const owned = stack.move();
  return { memory, epollFd, [Symbol.dispose]: () => owned.dispose() };
}

/** What mmap(2) returns where it failed: -1 as an address. */
const MAP_FAILED = 2n ** 64n - 1n;

function watch(libc: Libc, map: BpfMap, stack: DisposableStack): number {
  const epollFd = libc.symbols.epoll_create1(EPOLL_CLOEXEC);
  if (epollFd < 0) throw failure(libc, "wait on a ring buffer");
  stack.defer(() => void libc.symbols.close(epollFd));
  const event = new Uint8Array(EPOLL_EVENT_SIZE);
  event[0] = EPOLLIN;
  if (libc.symbols.epoll_ctl(epollFd, EPOLL_CTL_ADD, map.fd, event) !== 0) {
    throw failure(libc, "wait on a ring buffer");
  }
  return epollFd;
}

function failure(libc: Libc, operation: string): LibbpfError {
  return new LibbpfError(operation, { code: libc.errno(), log: [] });
}
