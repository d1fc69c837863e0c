/** Sleeps on this thread, and notices when Deno's event loop has something to do. @module */
import { failedError } from "../errors.ts";
import { errnoName } from "../kernel/errno.ts";
import type { Libc } from "../kernel/libc.ts";
import { readLink } from "../kernel/read_link.ts";

const EPOLLIN = 1;
const EPOLLET = 1 << 31;
const EPOLL_CTL_ADD = 1;
const EPOLL_CLOEXEC = 0o2000000;
/** `struct epoll_event` is packed on x86-64 alone; the data is not read, so 16 bytes do for both. */
const EPOLL_EVENT_SIZE = 16;
/** The loop's epoll set is there more than once, by duplicates of its descriptor. */
const MOST = 8;

/**
 * A timer or a call on another thread comes back through a turn of Deno's event loop, which costs
 * several times what it costs to sleep in the C library and to be woken from it. Who sleeps there
 * must know when the loop is needed: so the descriptors that the loop itself sleeps on stand in an
 * epoll set of this one's. Where none is found, the loop is needed always, and nothing is gained.
 */
export class EventLoop implements Disposable {
  readonly #libc: Libc;
  readonly #epollFd: number;
  readonly #found: boolean;
  /** Where a wait says what happened. */
  readonly #woken = new Uint8Array(MOST * EPOLL_EVENT_SIZE);

  /** To be made before anything else opens an epoll set, which would be taken for the loop's. */
  constructor(libc: Libc) {
    const loops = findEpollSets(libc);
    this.#libc = libc;
    this.#epollFd = libc.symbols.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epollFd < 0) {
      throw failedError(`Cannot watch the event loop: ${errnoName(libc.errno())}`);
    }
    // Edges: what the loop was told of once, it sees to by itself.
    for (const loop of loops) watch(libc, this.#epollFd, loop, EPOLLIN | EPOLLET);
    this.#found = loops.length > 0;
  }

  /** Whether {@link sleep} tells when the loop is needed. */
  get isWatched(): boolean {
    return this.#found;
  }

  /** Readable when the loop has something to do. */
  get descriptor(): number {
    return this.#epollFd;
  }

  /** Sleeps for so many milliseconds, or until the loop has something to do, and tells whether it has. */
  sleep(milliseconds: number): boolean {
    const { symbols } = this.#libc;
    return symbols.epoll_wait_here(this.#epollFd, this.#woken, MOST, Math.ceil(milliseconds)) > 0;
  }

  /** Whether the loop has got something to do since it was asked or slept for last. */
  isNeeded(): boolean {
    return this.sleep(0);
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#epollFd);
  }
}

/** Adds a descriptor to an epoll set, for reading unless told otherwise. Throws an AgentError. */
export function watch(libc: Libc, epollFd: number, descriptor: number, events = EPOLLIN): void {
  const event = new Uint8Array(EPOLL_EVENT_SIZE);
  new DataView(event.buffer).setInt32(0, events, true);
  if (libc.symbols.epoll_ctl(epollFd, EPOLL_CTL_ADD, descriptor, event) === 0) return;
  throw failedError(`Cannot watch a descriptor: ${errnoName(libc.errno())}`);
}

/** The descriptors of this process that are epoll sets. */
function findEpollSets(libc: Libc): readonly number[] {
  return Array.from({ length: FIRST_DESCRIPTORS }, (_, descriptor) => descriptor)
    .filter((descriptor) => readLink(libc, `/proc/self/fd/${descriptor}`) === EPOLL_SET);
}

const EPOLL_SET = "anon_inode:[eventpoll]";
/** Deno opens its own before it runs anything. */
const FIRST_DESCRIPTORS = 64;
