/** Waits for the kernel's side to say that there is something to read. @module */
import { failedError } from "../errors.ts";
import { errnoName } from "../kernel/errno.ts";
import type { Libc } from "../kernel/libc.ts";

const EPOLLIN = 1;
const EPOLL_CTL_ADD = 1;
/** `struct epoll_event` is packed on x86-64 alone; the data is not read, so 16 bytes do for both. */
const EPOLL_EVENT_SIZE = 16;
const EFD_CLOEXEC = 0o2000000;

/**
 * The BPF programs ring by a record in a second, small perf buffer that wakes at each record. An
 * eventfd in the same epoll set ends a wait from this side, so that none is left behind.
 */
export class Doorbell implements Disposable {
  readonly #libc: Libc;
  readonly #epollFd: number;
  readonly #stopFd: number;
  /** Where a wait says what was rung. Kept: the kernel writes to it while nothing else refers to it. */
  readonly #woken = new Uint8Array(EPOLL_EVENT_SIZE);

  /** `epollFd` is the perf buffer's own set; it stays the perf buffer's to close. */
  constructor(libc: Libc, epollFd: number) {
    this.#libc = libc;
    this.#epollFd = epollFd;
    this.#stopFd = libc.symbols.eventfd(0, EFD_CLOEXEC);
    const event = new Uint8Array(EPOLL_EVENT_SIZE);
    event[0] = EPOLLIN;
    if (libc.symbols.epoll_ctl(epollFd, EPOLL_CTL_ADD, this.#stopFd, event) !== 0) {
      throw failedError(`Cannot watch the doorbell: ${errnoName(libc.errno())}`);
    }
  }

  /** Resolves when it was rung since the last wait, or when {@link stop} was called. */
  async rung(): Promise<void> {
    await this.#libc.symbols.epoll_wait(this.#epollFd, this.#woken, 1, -1);
  }

  /** Ends the wait under way and every later one. */
  stop(): void {
    this.#libc.symbols.write(this.#stopFd, new BigUint64Array([1n]), 8n);
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#stopFd);
  }
}
