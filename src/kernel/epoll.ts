/** Waits for any of some descriptors, by epoll(7). @module */
import { failedError } from "../errors.ts";
import { errnoName } from "./errno.ts";
import type { Libc } from "./libc.ts";

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const EPOLLET = 1 << 31;
/** `struct epoll_event` is packed on x86-64 alone; the data is not read, so 16 bytes do for both. */
const EPOLL_EVENT_SIZE = 16;
/** What one wait takes of what has happened: the rest comes with the next. */
const MOST_EVENTS = 8;

/** An epoll set. Disposing it closes it: one that is somebody else's is not to be disposed. */
export class EpollSet implements Disposable {
  readonly #libc: Libc;
  /** The set's own, which is readable when one of its descriptors is. */
  readonly descriptor: number;
  /** Where a wait says what happened. Kept: the kernel writes to it while nothing else refers to it. */
  readonly #events = new Uint8Array(MOST_EVENTS * EPOLL_EVENT_SIZE);

  /** A new set, or one that is there. Throws an AgentError where there can be no more descriptors. */
  constructor(libc: Libc, descriptor = libc.symbols.epoll_create1(EPOLL_CLOEXEC)) {
    if (descriptor < 0) throw refused(libc);
    this.#libc = libc;
    this.descriptor = descriptor;
  }

  /** Waits from now on also for this descriptor to be readable. Throws an AgentError. */
  add(descriptor: number): void {
    this.#add(descriptor, EPOLLIN);
  }

  /** The same, for each time that it becomes readable: not as long as it is. */
  addEdges(descriptor: number): void {
    this.#add(descriptor, EPOLLIN | EPOLLET);
  }

  /** No longer waits for this descriptor: closing it is not enough where the kernel uses it further. */
  remove(descriptor: number): void {
    this.#libc.symbols.epoll_ctl(this.descriptor, EPOLL_CTL_DEL, descriptor, null);
  }

  /** Resolves when a descriptor is readable; another thread waits. */
  async wait(): Promise<void> {
    await this.#libc.symbols.epoll_wait(this.descriptor, this.#events, MOST_EVENTS, -1);
  }

  /** Sleeps on this thread until a descriptor is readable, at most so long, and tells whether one is. */
  sleep(milliseconds: number): boolean {
    const { symbols } = this.#libc;
    const most = Math.ceil(milliseconds);
    return symbols.epoll_wait_here(this.descriptor, this.#events, MOST_EVENTS, most) > 0;
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.descriptor);
  }

  #add(descriptor: number, events: number): void {
    const event = new Uint8Array(EPOLL_EVENT_SIZE);
    new DataView(event.buffer).setInt32(0, events, true);
    const { epoll_ctl } = this.#libc.symbols;
    if (epoll_ctl(this.descriptor, EPOLL_CTL_ADD, descriptor, event) !== 0) {
      throw refused(this.#libc);
    }
  }
}

function refused(libc: Libc): Error {
  const code = errnoName(libc.errno());
  return failedError(`Cannot wait for descriptors: ${code}`);
}
