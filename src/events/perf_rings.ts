/** The perf rings of all CPUs that are online, whichever go and come. @module */
import { AgentError } from "../errors.ts";
import { EpollSet } from "../kernel/epoll.ts";
import { KernelFileError } from "../kernel/read_file.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import type { Log } from "../log.ts";
import { CpuRings, type CpuRingsOptions } from "./cpu_rings.ts";
import type { PerfRing } from "./perf_ring.ts";
import type { Rings } from "./transport.ts";

export interface PerfRingsOptions extends CpuRingsOptions {
  readonly log: Log;
  /** The CPUs that are online, which may throw a KernelFileError; disposed with the rings. */
  readonly online: Disposable & { read(): ReadonlySet<number> };
}

export class PerfRings implements Rings {
  readonly transport = "perf";
  readonly pages: number;
  readonly #options: PerfRingsOptions;
  readonly #bells: EpollSet;
  #online: ReadonlySet<number>;
  /** By CPU. */
  readonly #inUse = new Map<number, CpuRings>();
  /** Those whose CPU went offline: nothing comes into them, and they are read until they are empty. */
  #former: readonly CpuRings[] = [];
  /** CPUs that could have none. */
  readonly #refused = new Set<number>();
  #events: readonly PerfRing[];
  readonly #owned: Disposable;

  /** Throws a LibbpfError where a CPU can have none, an AgentError, or a KernelFileError. */
  constructor(options: PerfRingsOptions) {
    this.pages = options.pages;
    this.#options = options;
    using stack = new DisposableStack();
    this.#online = stack.use(options.online).read();
    this.#bells = stack.use(new EpollSet(options.libc));
    stack.defer(() => this.#all().forEach((rings) => rings[Symbol.dispose]()));
    for (const cpu of this.#online) this.#inUse.set(cpu, this.#newRings(cpu));
    this.#events = this.#listEvents();
    this.#owned = stack.move();
  }

  get events(): readonly PerfRing[] {
    return this.#events;
  }

  get doorbellFd(): number {
    return this.#bells.descriptor;
  }

  clearDoorbell(): void {
    for (const { doorbell } of this.#inUse.values()) doorbell.clear();
  }

  follow(lostByCpu: readonly number[]): boolean {
    const before = this.#online;
    this.#online = this.#readOnline();
    const freed = this.#freeEmpty();
    this.#endDead(lostByCpu);
    // There may be more memory, or other CPUs.
    if (freed || this.#online.symmetricDifference(before).size > 0) this.#refused.clear();
    const opened = this.#openMissing();
    if (freed || opened) this.#events = this.#listEvents();
    return freed || opened;
  }

  [Symbol.dispose](): void {
    this.#owned[Symbol.dispose]();
  }

  /** As of now; as of the last time where no file can be opened. */
  #readOnline(): ReadonlySet<number> {
    try {
      return this.#options.online.read();
    } catch (error) {
      if (error instanceof KernelFileError) return this.#online;
      throw error;
    }
  }

  /** A program that wrote to them when they were ended has ended itself since. */
  #freeEmpty(): boolean {
    const empty = this.#former.filter(({ events }) => events.fill() === 0);
    this.#former = this.#former.filter((rings) => !empty.includes(rings));
    for (const rings of empty) rings[Symbol.dispose]();
    return empty.length > 0;
  }

  #endDead(lostByCpu: readonly number[]): void {
    for (const [cpu, rings] of this.#inUse) {
      const isOnline = this.#online.has(cpu);
      if (!rings.hasDied(lostByCpu[cpu]) && isOnline) continue;
      if (!isOnline) this.#options.log.info("A CPU went offline", { cpu });
      rings.closeDoorbell();
      this.#inUse.delete(cpu);
      this.#former = [...this.#former, rings];
    }
  }

  #openMissing(): boolean {
    const missing = [...this.#online].filter((cpu) =>
      !this.#inUse.has(cpu) && !this.#refused.has(cpu)
    );
    for (const cpu of missing) this.#open(cpu);
    return missing.some((cpu) => this.#inUse.has(cpu));
  }

  #open(cpu: number): void {
    const { log } = this.#options;
    try {
      this.#inUse.set(cpu, this.#newRings(cpu));
      log.info("A CPU came online: its events are told", { cpu });
    } catch (error) {
      if (!(error instanceof LibbpfError || error instanceof AgentError)) throw error;
      this.#refused.add(cpu);
      const fields = { cpu, because: error.message };
      log.warn("A CPU came online, and can have no ring: its events are counted, not told", fields);
    }
  }

  #newRings(cpu: number): CpuRings {
    return new CpuRings(cpu, this.#bells, this.#options);
  }

  #all(): readonly CpuRings[] {
    return [...this.#inUse.values(), ...this.#former];
  }

  #listEvents(): readonly PerfRing[] {
    return this.#all().map(({ events }) => events);
  }
}
