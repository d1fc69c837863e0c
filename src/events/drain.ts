/** Takes records out of all rings in the order of their time and hands them to the outputs. @module */
import type { Output } from "../outputs/output.ts";
import type { Inspector } from "./inspector.ts";
import { EVENT_KINDS, KIND_MASK, type PerKind, perKind } from "./kinds.ts";
import { EventKindNumber } from "./layout.gen.ts";
import type { Ring } from "./ring.ts";

export class Drain {
  #rings: readonly Ring[];
  readonly #outputs: readonly Output[];
  readonly #inspector: Inspector | undefined;
  readonly #received = new Float64Array(EVENT_KINDS.length);
  readonly #withheld = new Float64Array(EVENT_KINDS.length);
  #timesEmpty = 0;

  constructor(rings: readonly Ring[], outputs: readonly Output[], inspector?: Inspector) {
    this.#rings = rings;
    this.#outputs = outputs;
    this.#inspector = inspector;
  }

  /** Goes on with other rings: all that are not empty have to be among them. */
  setRings(rings: readonly Ring[]): void {
    this.#rings = rings;
  }

  /** Records taken out so far. */
  get received(): PerKind<number> {
    return perKind((_, kind) => this.#received[kind]);
  }

  /** Of these the records that outputs did not get, because nobody asked for them after all. */
  get withheld(): PerKind<number> {
    return perKind((_, kind) => this.#withheld[kind]);
  }

  /** Another number once all that now stands in the rings has been taken out. */
  markDrained(): number {
    if (this.fill() === 0) this.#timesEmpty++;
    return this.#timesEmpty;
  }

  /**
   * Takes out what the rings hold now, at most `limit` records, and returns how many; if `patient`, it
   * stops early where an output is busy. Records of one batch are in order; one that was being
   * written on another CPU meanwhile comes with the next.
   */
  run(limit: number, patient = false): number {
    for (const ring of this.#rings) ring.open();
    let taken = 0;
    while (taken < limit && !(patient && this.isHeldUp)) {
      const ring = this.#oldest();
      if (ring === undefined) {
        this.#timesEmpty++;
        break;
      }
      taken += this.#take(ring, this.#timeOfNextAfter(ring), limit - taken, patient);
    }
    for (const ring of this.#rings) ring.close();
    return taken;
  }

  /** Whether an output is busy. */
  get isHeldUp(): boolean {
    for (const output of this.#outputs) if (output.busy) return true;
    return false;
  }

  /** How full the fullest ring is, from 0 to 1. */
  fill(): number {
    let fullest = 0;
    for (const ring of this.#rings) fullest = Math.max(fullest, ring.fill());
    return fullest;
  }

  /** How far each ring is written: what {@link countInRings} counts up to. */
  heads(): readonly number[] {
    return this.#rings.map((ring) => ring.head());
  }

  /** Records that stand in the rings up to these heads. */
  countInRings(heads: readonly number[]): PerKind<number> {
    const counts = new Float64Array(EVENT_KINDS.length);
    this.#rings.forEach((ring, index) => ring.countUpTo(heads[index], counts));
    return perKind((_, kind) => counts[kind]);
  }

  /** Takes from one ring for as long as its records are the oldest: mostly more than one. */
  #take(ring: Ring, until: number, limit: number, patient: boolean): number {
    let taken = 0;
    do {
      const first = ring.firstWord;
      this.#received[first & KIND_MASK]++;
      const place = first < EventKindNumber.origin ? ring : this.#inspect(ring, first & KIND_MASK);
      if (place !== undefined) {
        for (const output of this.#outputs) output.accept(place.view, place.at, ring.size);
      }
      ring.next();
      taken++;
      if (patient && this.isHeldUp) break;
    } while (taken < limit && ring.time <= until && ring.time !== Infinity);
    return taken;
  }

  /** Where outputs find a record that tells its origin; undefined where they do not get it. */
  #inspect(ring: Ring, kind: number): Ring | Inspector | undefined {
    const inspector = this.#inspector;
    if (inspector === undefined) return ring;
    if (inspector.inspect(ring.view, ring.at, ring.size)) return inspector;
    this.#withheld[kind]++;
    return undefined;
  }

  #oldest(): Ring | undefined {
    let oldest: Ring | undefined;
    for (const ring of this.#rings) {
      if (ring.time < (oldest?.time ?? Infinity)) oldest = ring;
    }
    return oldest;
  }

  #timeOfNextAfter(oldest: Ring): number {
    let time = Infinity;
    for (const ring of this.#rings) {
      if (ring !== oldest && ring.time < time) time = ring.time;
    }
    return time;
  }
}
