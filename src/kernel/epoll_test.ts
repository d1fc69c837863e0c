/** Sets of descriptors that are waited for. @module */
import assert from "node:assert/strict";
import { AgentError } from "../errors.ts";
import { EpollSet } from "./epoll.ts";
import { type Libc, openLibc } from "./libc.ts";

/** A descriptor that is readable from `ring` on. */
class Bell implements Disposable {
  readonly #libc: Libc;
  readonly descriptor: number;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.descriptor = libc.symbols.eventfd(0, 0);
  }

  ring(): void {
    assert.equal(this.#libc.symbols.write(this.descriptor, new BigUint64Array([1n]), 8n), 8n);
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.descriptor);
  }
}

Deno.test("wait() resolves when a descriptor of the set becomes readable", async () => {
  using libc = openLibc();
  using bell = new Bell(libc);
  using other = new Bell(libc);
  using set = new EpollSet(libc);
  set.add(other.descriptor);
  set.add(bell.descriptor);
  const waiting = set.wait();
  bell.ring();
  await waiting;
});

Deno.test("sleep() tells as long as a descriptor is readable, and of an edge once", () => {
  using libc = openLibc();
  using bell = new Bell(libc);
  using levels = new EpollSet(libc);
  using edges = new EpollSet(libc);
  levels.add(bell.descriptor);
  edges.addEdges(bell.descriptor);
  const told = (set: EpollSet) => [set.sleep(0), set.sleep(0)];
  assert.deepEqual([told(levels), told(edges)], [[false, false], [false, false]]);
  bell.ring();
  assert.deepEqual([told(levels), told(edges)], [[true, true], [true, false]]);
  bell.ring();
  assert.deepEqual([told(levels), told(edges)], [[true, true], [true, false]]);
});

Deno.test("EpollSet takes a set that is there, and stands in another one itself", () => {
  using libc = openLibc();
  using bell = new Bell(libc);
  using inner = new EpollSet(libc);
  const same = new EpollSet(libc, inner.descriptor);
  using outer = new EpollSet(libc);
  outer.add(inner.descriptor);
  same.add(bell.descriptor);
  bell.ring();
  assert.deepEqual([same.sleep(0), outer.sleep(0)], [true, true]);
});

Deno.test("remove() leaves a descriptor alone that is open, as long as it may be", () => {
  using libc = openLibc();
  using bell = new Bell(libc);
  using set = new EpollSet(libc);
  set.add(bell.descriptor);
  bell.ring();
  assert.equal(set.sleep(0), true);
  set.remove(bell.descriptor);
  assert.equal(set.sleep(0), false);
});

Deno.test("EpollSet says what it cannot wait for", () => {
  using libc = openLibc();
  using set = new EpollSet(libc);
  assert.throws(
    () => set.add(-1),
    (error) =>
      error instanceof AgentError && /^Cannot wait for descriptors: EBADF$/.test(error.message),
  );
});
