/** Which lines of a batch are settled, and how. @module */
import assert from "node:assert/strict";
import { Batch } from "./batch.ts";

/** A batch with lines of these lengths, of kinds 0, 1, 2 … */
function batchOf(lengths: readonly number[], byteSize = 1000): Batch {
  const batch = new Batch(byteSize);
  lengths.forEach((length, kind) => batch.add(kind, batch.end + length));
  return batch;
}

Deno.test("advance() settles a line when its last byte is written", () => {
  const batch = batchOf([50, 60, 70]);
  const emitted: number[] = [];
  const emit = (kind: number) => void emitted.push(kind);
  batch.advance(49, emit);
  assert.deepEqual(emitted, []);
  assert.ok(batch.isTorn);
  batch.advance(1, emit);
  assert.deepEqual(emitted, [0]);
  assert.ok(!batch.isTorn);
  assert.equal(batch.unwritten().length, 130);
  assert.equal(batch.unwritten().byteOffset, 50);
  batch.advance(129, emit);
  assert.deepEqual(emitted, [0, 1]);
  assert.ok(batch.isTorn && !batch.isWritten);
  batch.advance(1, emit);
  assert.deepEqual(emitted, [0, 1, 2]);
  assert.ok(batch.isWritten && !batch.isTorn);
});

Deno.test("clear() settles what is left, and the batch can be filled again", () => {
  const batch = batchOf([50, 60, 70]);
  batch.advance(55, () => {});
  const dropped: number[] = [];
  batch.clear((kind) => void dropped.push(kind));
  assert.deepEqual(dropped, [1, 2]);
  assert.ok(batch.isEmpty);
  assert.equal(batch.room, 1000);
  batch.add(3, 10);
  const emitted: number[] = [];
  batch.advance(10, (kind) => void emitted.push(kind));
  assert.deepEqual(emitted, [3]);
});

Deno.test("room is what the next line may have, and none where no line can be noted any more", () => {
  assert.equal(batchOf([400]).room, 600);
  assert.equal(batchOf(Array(25).fill(1)).room, 0);
  assert.equal(batchOf(Array(24).fill(1)).room, 976);
});
