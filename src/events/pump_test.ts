/** How the pump paces itself, and what it does not miss. @module */
import assert from "node:assert/strict";
import { frame, RingWriter } from "../../bench/replay/ring_writer.ts";
import { EpollSet } from "../kernel/epoll.ts";
import { type Libc, openLibc } from "../kernel/libc.ts";
import type { Output } from "../outputs/output.ts";
import { openRecord } from "../outputs/record_fixture.ts";
import { Doorbell } from "./doorbell.ts";
import { Drain } from "./drain.ts";
import { EventLoop } from "./event_loop.ts";
import { perKind } from "./kinds.ts";
import { PerfRing } from "./perf_ring.ts";
import { longestPause, pauseAt, Pump } from "./pump.ts";

const LONGEST = 50;
const EFD_CLOEXEC = 0o2000000;

Deno.test("pauseAt() tells single events within 10 ms, and looks rarely at a steady flow", () => {
  assert.equal(pauseAt(100, 0, LONGEST), 6);
  assert.equal(pauseAt(300, 0, LONGEST), 15);
  assert.equal(pauseAt(2_000, 0, LONGEST), 50);
  assert.equal(pauseAt(50_000, 0.05, LONGEST), 50);
  assert.equal(pauseAt(200_000, 0.02, LONGEST), 5);
});

Deno.test("pauseAt() is short where rings fill", () => {
  assert.equal(pauseAt(2_000, 0.5, LONGEST), 5);
});

Deno.test("longestPause() is shorter for small rings, which a burst would fill meanwhile", () => {
  assert.equal(longestPause(8 * 2 ** 20), LONGEST);
  assert.ok(longestPause(2 ** 20) < 15);
  assert.equal(longestPause(2 ** 15), 5);
  assert.equal(pauseAt(2_000, 0, longestPause(2 ** 15)), 5);
});

/** A pump at a ring that the test writes to, and an eventfd as what rings. */
class Bench implements AsyncDisposable {
  readonly #stack = new DisposableStack();
  readonly #libc: Libc;
  readonly #ring = new RingWriter(2 ** 16);
  readonly #bell: number;
  readonly #awaited = new Uint32Array(1);
  readonly pump: Pump;
  readonly #running: Promise<void>;
  /** Told of each record. */
  #accepted: () => void = () => {};
  #rungs = 0;

  constructor() {
    const libc = this.#libc = this.#stack.use(openLibc());
    const loop = this.#stack.use(new EventLoop(libc));
    const bells = this.#stack.use(new EpollSet(libc));
    this.#bell = libc.symbols.eventfd(0, EFD_CLOEXEC);
    this.#stack.defer(() => libc.symbols.close(this.#bell));
    bells.addEdges(this.#bell);
    const rings = {
      transport: "perf" as const,
      pages: 16,
      events: [new PerfRing(this.#ring)],
      doorbellFd: bells.descriptor,
      clearDoorbell: () => {},
      follow: () => false,
      [Symbol.dispose]: () => {},
    };
    const doorbell = this.#stack.use(new Doorbell({ libc, rings, awaited: this.#awaited, loop }));
    const outputs = [this.#output()];
    const drain = new Drain(rings.events, outputs);
    const onRung = () => void this.#rungs++;
    this.pump = new Pump({ drain, outputs, doorbell, loop, rings, onRung, onClosed: () => {} });
    this.#running = this.pump.run();
  }

  /** Writes a record while the pump sleeps, and resolves when it is told, after this. */
  async tells(wake: () => void): Promise<void> {
    await this.asleep();
    const told = new Promise<void>((resolve) => this.#accepted = resolve);
    this.#ring.write(frame([openRecord({}, { path: "/etc/hostname" })]));
    wake();
    await told;
  }

  ring(): void {
    this.#libc.symbols.write(this.#bell, new BigUint64Array([1n]), 8n);
  }

  /** Resolves when the pump listens for the next record, long after the last. */
  async asleep(): Promise<void> {
    for (let before = -1; before !== this.#awaited[0];) {
      before = this.#awaited[0];
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  /** How often it was rung for something else than a record. */
  get rungs(): number {
    return this.#rungs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pump.stop();
    await this.#running;
    this.#stack.dispose();
  }

  #output(): Output {
    const none = perKind(() => 0);
    return {
      name: "test",
      closed: false,
      writing: false,
      busy: false,
      accept: () => this.#accepted(),
      flush: () => {},
      idle: () => Promise.resolve(),
      close: () => Promise.resolve(),
      counters: () => ({ name: "test", emitted: none, dropped: none, queued: none }),
    };
  }
}

Deno.test("the pump tells a record that rings, and listens anew", async () => {
  await using bench = new Bench();
  for (let time = 0; time < 3; time++) await bench.tells(() => bench.ring());
  assert.equal(bench.rungs, 0);
});

Deno.test("tick() finds a record that nobody rang for", async () => {
  await using bench = new Bench();
  for (let time = 0; time < 2; time++) await bench.tells(() => bench.pump.tick());
});

Deno.test("the pump says when it was rung for something else than a record", async () => {
  await using bench = new Bench();
  await bench.asleep();
  bench.ring();
  await bench.asleep();
  assert.equal(bench.rungs, 1);
});
