import { deepEqual, equal, rejects } from "node:assert/strict";
import { taking } from "./turns.ts";

Deno.test("taking() runs no more tasks at a time than it may, in the order they came", async () => {
  const inTurn = taking(2);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const task = (number: number) => async () => {
    started.push(number);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    return number;
  };
  const results = await Promise.all([1, 2, 3, 4, 5].map((number) => inTurn(task(number))));
  deepEqual([results, started, most], [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 2]);
});

Deno.test("taking() goes on behind a task that fails", async () => {
  const inTurn = taking(1);
  const failed = inTurn(() => Promise.reject(new Error("on purpose")));
  const next = inTurn(() => Promise.resolve("next"));
  await rejects(failed, /on purpose/);
  equal(await next, "next");
});
