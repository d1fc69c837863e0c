/** One CPU's ring for events, and its doorbell. @module */
import type { EpollSet } from "../kernel/epoll.ts";
import type { Libc } from "../kernel/libc.ts";
import type { BpfMap } from "../libbpf/map.ts";
import { openPerfBuffer } from "../libbpf/perf_buffer.ts";
import { PerfRing } from "./perf_ring.ts";

/** What the rings of each CPU are opened with. */
export interface CpuRingsOptions {
  readonly libc: Libc;
  /** By CPU. */
  readonly maps: { readonly events: BpfMap; readonly doorbell: BpfMap };
  /** Of the ring for events: a power of two. */
  readonly pages: number;
}

/** What was seen of a ring for events. */
interface Look {
  readonly lost: number;
  readonly head: number;
  readonly hasRoom: boolean;
}

/** Above any ring's size: only the doorbell wakes. */
const NEVER = 2 ** 31;

export class CpuRings implements Disposable {
  readonly events: PerfRing;
  readonly doorbell: PerfRing;
  readonly #eventsOwner: Disposable;
  readonly #doorbellOwner: Disposable;
  #last: Look | undefined;

  /** Opens them on a CPU, the doorbell to be heard by a set. Throws a LibbpfError, or an AgentError. */
  constructor(cpu: number, bells: EpollSet, { libc, maps, pages }: CpuRingsOptions) {
    using ofEvents = new DisposableStack();
    using ofDoorbell = new DisposableStack();
    const events = ofEvents.use(
      openPerfBuffer(libc, maps.events, cpu, { pages, wakeupWatermark: NEVER }),
    );
    const doorbell = ofDoorbell.use(
      openPerfBuffer(libc, maps.doorbell, cpu, { pages: 1, wakeupEvents: 1 }),
    );
    bells.add(doorbell.descriptor);
    ofDoorbell.defer(() => bells.remove(doorbell.descriptor));
    this.events = new PerfRing(events.memory);
    this.doorbell = new PerfRing(doorbell.memory);
    this.#eventsOwner = ofEvents.move();
    this.#doorbellOwner = ofDoorbell.move();
  }

  /**
   * Whether the ring has died, as far as what was lost on its CPU by now can tell: since it was last
   * asked, events were, while the ring took none and had room for any. The kernel ends a perf event
   * as its CPU goes offline (perf_event_exit_cpu in kernel/events/core.c), as in each suspend, and a
   * CPU that is back soon was never seen to be away.
   */
  hasDied(lost: number): boolean {
    const last = this.#last;
    const now = { lost, head: this.events.head(), hasRoom: this.events.hasRoom() };
    this.#last = now;
    return last !== undefined && last.hasRoom && last.head === now.head && last.lost < now.lost;
  }

  /** Hears the doorbell no longer; what stands in the other ring can still be read. */
  closeDoorbell(): void {
    this.#doorbellOwner[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.closeDoorbell();
    this.#eventsOwner[Symbol.dispose]();
  }
}
