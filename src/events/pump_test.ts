/** How the pump paces itself. @module */
import assert from "node:assert/strict";
import { longestPause, pauseAt } from "./pump.ts";

const LONGEST = 50;

Deno.test("pauseAt() tells single events within 10 ms, and looks rarely at a steady flow", () => {
  assert.equal(pauseAt(100, 0, LONGEST), 8);
  assert.equal(pauseAt(300, 0, LONGEST), 15);
  assert.equal(pauseAt(2_000, 0, LONGEST), 50);
  assert.equal(pauseAt(50_000, 0.05, LONGEST), 50);
  assert.equal(pauseAt(200_000, 0.02, LONGEST), 6);
});

Deno.test("pauseAt() is short where rings fill, and longer than the doorbell's silence", () => {
  assert.equal(pauseAt(2_000, 0.5, LONGEST), 6);
  for (const rate of [0, 1, 999, 1000, 99_999, 100_000, 1e7]) {
    for (const fill of [0, 0.3, 1]) assert.ok(pauseAt(rate, fill, LONGEST) > 5);
  }
});

Deno.test("longestPause() is shorter for small rings, which a burst would fill meanwhile", () => {
  assert.equal(longestPause(8 * 2 ** 20), LONGEST);
  assert.ok(longestPause(2 ** 20) < 15);
  assert.equal(longestPause(2 ** 15), 6);
  assert.equal(pauseAt(2_000, 0, longestPause(2 ** 15)), 6);
});
