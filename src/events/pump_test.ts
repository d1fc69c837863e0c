/** How the pump paces itself. @module */
import assert from "node:assert/strict";
import { pauseAt } from "./pump.ts";

Deno.test("pauseAt() tells single events within 10 ms, and looks rarely at a steady flow", () => {
  assert.equal(pauseAt(100, 0), 8);
  assert.equal(pauseAt(2_000, 0), 30);
  assert.equal(pauseAt(50_000, 0.05), 30);
  assert.equal(pauseAt(200_000, 0.02), 6);
});

Deno.test("pauseAt() is short where rings fill, and longer than the doorbell's silence", () => {
  assert.equal(pauseAt(2_000, 0.5), 6);
  for (const rate of [0, 1, 999, 1000, 99_999, 100_000, 1e7]) {
    for (const fill of [0, 0.3, 1]) assert.ok(pauseAt(rate, fill) > 5);
  }
});
