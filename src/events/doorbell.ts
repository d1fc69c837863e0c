/** Waits for the kernel's side to say that there is something to read. @module */
import { failedError } from "../errors.ts";
import { errnoName } from "../kernel/errno.ts";
import type { Libc } from "../kernel/libc.ts";
import { type EventLoop, watch } from "./event_loop.ts";

/** `struct epoll_event` takes at most so much. */
const EPOLL_EVENT_SIZE = 16;
const EPOLLIN = 1;
const EPOLLET = 1 << 31;
const EPOLL_CLOEXEC = 0o2000000;
const EFD_CLOEXEC = 0o2000000;

/**
 * The BPF programs ring by a record in a second, small perf buffer that wakes at each record. An
 * eventfd in the same epoll set ends a wait from this side, so that none is left behind.
 */
export class Doorbell implements Disposable {
  readonly #libc: Libc;
  /** What rings. */
  readonly #epollFd: number;
  /** That, and the event loop. */
  readonly #bothFd: number;
  readonly #stopFd: number;
  /** Where a wait says what was rung. Kept: the kernel writes to it while nothing else refers to it. */
  readonly #woken = new Uint8Array(EPOLL_EVENT_SIZE);

  /** `epollFd` is the perf buffer's own set; it stays the perf buffer's to close. */
  constructor(libc: Libc, epollFd: number, loop: EventLoop) {
    this.#libc = libc;
    this.#epollFd = epollFd;
    this.#stopFd = libc.symbols.eventfd(0, EFD_CLOEXEC);
    this.#bothFd = libc.symbols.epoll_create1(EPOLL_CLOEXEC);
    if (this.#stopFd < 0 || this.#bothFd < 0) {
      throw failedError(`Cannot watch the doorbell: ${errnoName(libc.errno())}`);
    }
    watch(libc, epollFd, this.#stopFd);
    watch(libc, this.#bothFd, epollFd);
    watch(libc, this.#bothFd, loop.descriptor);
  }

  /** Rings also when a descriptor has more to read than before. */
  ringFor(descriptor: number): void {
    watch(this.#libc, this.#epollFd, descriptor, EPOLLIN | EPOLLET);
  }

  /** Resolves when it was rung since the last wait, or when {@link stop} was called. */
  async rung(): Promise<void> {
    await this.#libc.symbols.epoll_wait(this.#epollFd, this.#woken, 1, -1);
  }

  /** Sleeps on this thread until it is rung or the event loop is needed, at most so long. */
  sleep(milliseconds: number): void {
    this.#libc.symbols.epoll_wait_here(this.#bothFd, this.#woken, 1, Math.ceil(milliseconds));
  }

  /** Ends the wait under way and every later one. */
  stop(): void {
    this.#libc.symbols.write(this.#stopFd, new BigUint64Array([1n]), 8n);
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#bothFd);
    this.#libc.symbols.close(this.#stopFd);
  }
}
