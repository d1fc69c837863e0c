/** Waits for the kernel's side to say that there is something to read. @module */
import { failedError } from "../errors.ts";
import { EpollSet } from "../kernel/epoll.ts";
import { errnoName } from "../kernel/errno.ts";
import type { Libc } from "../kernel/libc.ts";
import type { EventLoop } from "./event_loop.ts";

const EFD_CLOEXEC = 0o2000000;

/**
 * The BPF programs ring by a record in a second, small perf buffer that wakes at each record. An
 * eventfd in the same epoll set ends a wait from this side, so that none is left behind.
 */
export class Doorbell implements Disposable {
  readonly #libc: Libc;
  readonly #rings: EpollSet;
  /** What rings, and the event loop. */
  readonly #both: EpollSet;
  readonly #stopFd: number;

  /** `epollFd` is the rings' own set; it stays theirs to close. */
  constructor(libc: Libc, epollFd: number, loop: EventLoop) {
    this.#libc = libc;
    this.#stopFd = libc.symbols.eventfd(0, EFD_CLOEXEC);
    if (this.#stopFd < 0) {
      throw failedError(`Cannot watch the doorbell: ${errnoName(libc.errno())}`);
    }
    this.#rings = new EpollSet(libc, epollFd);
    this.#rings.add(this.#stopFd);
    this.#both = new EpollSet(libc);
    this.#both.add(epollFd);
    this.#both.add(loop.descriptor);
  }

  /** Rings also when a descriptor has more to read than before. */
  ringFor(descriptor: number): void {
    this.#rings.addEdges(descriptor);
  }

  /** Resolves when it was rung since the last wait, or when {@link stop} was called. */
  rung(): Promise<void> {
    return this.#rings.wait();
  }

  /** Sleeps on this thread until it is rung or the event loop is needed, at most so long. */
  sleep(milliseconds: number): void {
    this.#both.sleep(milliseconds);
  }

  /** Ends the wait under way and every later one. */
  stop(): void {
    this.#libc.symbols.write(this.#stopFd, new BigUint64Array([1n]), 8n);
  }

  [Symbol.dispose](): void {
    this.#both[Symbol.dispose]();
    this.#libc.symbols.close(this.#stopFd);
  }
}
