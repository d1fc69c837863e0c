/** Waits for the kernel's side to say that there is something to read. @module */
import { failedError } from "../errors.ts";
import { EpollSet } from "../kernel/epoll.ts";
import { errnoName } from "../kernel/errno.ts";
import type { Libc } from "../kernel/libc.ts";
import type { EventLoop } from "./event_loop.ts";
import type { Rings } from "./transport.ts";

const EFD_CLOEXEC = 0o2000000;

export interface DoorbellParts {
  readonly libc: Libc;
  /** What the BPF programs ring by: their epoll set stays theirs to close. */
  readonly rings: Rings;
  /** `shared.awaited` of the BPF side. */
  readonly awaited: Uint32Array;
  readonly loop: EventLoop;
}

/** A BPF program rings at the first record after {@link Doorbell.listen}, and none does after that. */
export class Doorbell implements Disposable {
  readonly #parts: DoorbellParts;
  readonly #bells: EpollSet;
  /** What rings, and the event loop. */
  readonly #both: EpollSet;
  /** An eventfd: readable from a ring by this side until it is listened again. */
  readonly #ownFd: number;
  readonly #owned: Disposable;
  #hasRung = false;

  /** Throws an AgentError where there can be no more descriptors. */
  constructor(parts: DoorbellParts) {
    const { libc, rings, loop } = parts;
    using stack = new DisposableStack();
    this.#parts = parts;
    this.#ownFd = libc.symbols.eventfd(0, EFD_CLOEXEC);
    if (this.#ownFd < 0) {
      throw failedError(`Cannot watch the doorbell: ${errnoName(libc.errno())}`);
    }
    stack.defer(() => libc.symbols.close(this.#ownFd));
    this.#bells = new EpollSet(libc, rings.doorbellFd);
    this.#bells.add(this.#ownFd);
    this.#both = stack.use(new EpollSet(libc));
    this.#both.add(rings.doorbellFd);
    this.#both.add(loop.descriptor);
    this.#owned = stack.move();
  }

  /** Rings also when a descriptor has more to read than before. */
  ringFor(descriptor: number): void {
    this.#bells.addEdges(descriptor);
  }

  /**
   * Has it rung at the next record. A record that is there already, or that is being written, rings
   * only by chance: the rings are to be looked at after this.
   */
  listen(): void {
    const { libc, rings, awaited } = this.#parts;
    if (this.#hasRung) libc.symbols.read(this.#ownFd, new Uint8Array(8), 8n);
    this.#hasRung = false;
    rings.clearDoorbell();
    Atomics.add(awaited, 0, 1);
  }

  /** Resolves when it was rung since the last wait. */
  rung(): Promise<void> {
    return this.#bells.wait();
  }

  /** Sleeps on this thread until it is rung or the event loop is needed, at most so long; false after that. */
  sleep(milliseconds: number): boolean {
    return this.#both.sleep(milliseconds);
  }

  /** Ends the wait under way, or else the next one, until it is listened again. */
  ring(): void {
    this.#hasRung = true;
    this.#parts.libc.symbols.write(this.#ownFd, new BigUint64Array([1n]), 8n);
  }

  [Symbol.dispose](): void {
    this.#owned[Symbol.dispose]();
  }
}
