/** How the pump paces itself. @module */
import assert from "node:assert/strict";
import { pauseAfter } from "./pump.ts";

/** A look every so often at a rate: the pause that it settles at. */
function settledPause(perSecond: number): number {
  let pause = pauseAfter(1);
  for (let look = 0; look < 20; look++) pause = pauseAfter(perSecond * pause / 1000);
  return pause;
}

Deno.test("pauseAfter() tells single events within 10 ms, and looks rarely at a steady trickle", () => {
  assert.equal(settledPause(100), 8);
  assert.equal(settledPause(2_000), 16);
  assert.equal(settledPause(10_000), 16);
});

Deno.test("pauseAfter() is short where rings could fill, and longer than the doorbell's silence", () => {
  assert.equal(settledPause(100_000), 6);
  assert.equal(settledPause(1_000_000), 6);
  for (const records of [0, 1, 7, 8, 255, 256, 100_000]) assert.ok(pauseAfter(records) > 5);
});
