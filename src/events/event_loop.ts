/** Sleeps on this thread, and notices when Deno's event loop has something to do. @module */
import { EpollSet } from "../kernel/epoll.ts";
import type { Libc } from "../kernel/libc.ts";
import { readLink } from "../kernel/read_link.ts";

/**
 * A timer or a call on another thread comes back through a turn of Deno's event loop, which costs
 * several times what it costs to sleep in the C library and to be woken from it. Who sleeps there
 * must know when the loop is needed: so the descriptors that the loop itself sleeps on stand in an
 * epoll set of this one's. Where none is found, the loop is needed always, and nothing is gained.
 */
export class EventLoop implements Disposable {
  readonly #loops: EpollSet;
  readonly #found: boolean;

  /** To be made before anything else opens an epoll set, which would be taken for the loop's. */
  constructor(libc: Libc) {
    const loops = findEpollSets(libc);
    this.#loops = new EpollSet(libc);
    // What the loop was told of once, it sees to by itself.
    for (const loop of loops) this.#loops.addEdges(loop);
    this.#found = loops.length > 0;
  }

  /** Whether {@link sleep} tells when the loop is needed. */
  get isWatched(): boolean {
    return this.#found;
  }

  /** Readable when the loop has something to do. */
  get descriptor(): number {
    return this.#loops.descriptor;
  }

  /** Sleeps for so many milliseconds, or until the loop has something to do, and tells whether it has. */
  sleep(milliseconds: number): boolean {
    return this.#loops.sleep(milliseconds);
  }

  /** Whether the loop has got something to do since it was asked or slept for last. */
  isNeeded(): boolean {
    return this.sleep(0);
  }

  [Symbol.dispose](): void {
    this.#loops[Symbol.dispose]();
  }
}

/** The descriptors of this process that are epoll sets. */
function findEpollSets(libc: Libc): readonly number[] {
  return Array.from({ length: FIRST_DESCRIPTORS }, (_, descriptor) => descriptor)
    .filter((descriptor) => readLink(libc, `/proc/self/fd/${descriptor}`) === EPOLL_SET);
}

const EPOLL_SET = "anon_inode:[eventpoll]";
/** Deno opens its own before it runs anything. */
const FIRST_DESCRIPTORS = 64;
