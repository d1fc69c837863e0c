/** The ways by which records reach user space. @module */
import type { Ring } from "./ring.ts";

/** A perf buffer for each CPU, or one BPF ring buffer. */
export type Transport = (typeof TRANSPORTS)[number];

export const TRANSPORTS = ["perf", "ring"] as const;

/** The open rings; disposing it unmaps them. */
export interface Rings extends Disposable {
  readonly transport: Transport;
  /** Pages of each CPU's perf buffer; undefined for the one ring that all CPUs share. */
  readonly pages: number | undefined;
  /** Those that records may stand in: others after {@link follow} has told so. */
  readonly events: readonly Ring[];
  /** An epoll set that is readable when a BPF program has rung. */
  readonly doorbellFd: number;
  /** Makes room for more rings. */
  clearDoorbell(): void;
  /**
   * Has a ring for each CPU that is online now; told how many events were lost on each, ever. Returns
   * whether there are other rings in `events`: those that are not among them must not be read again.
   */
  follow(lostByCpu: readonly number[]): boolean;
}
