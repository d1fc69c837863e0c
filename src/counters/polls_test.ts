import { equal, ok } from "node:assert/strict";
import { Polls } from "./polls.ts";

const HOUR_MS = 3_600_000;
const look = () => {};

Deno.test("Polls polls each interval, until disposed", async () => {
  const polls = new Polls(1);
  let count = 0;
  {
    using _ = polls.start({ poll: () => count++, look });
    await until(() => count >= 3);
  }
  const ended = count;
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(count, ended);
});

Deno.test("Polls looks around each second, by a timer of its own where polls are rarer", async () => {
  for (const [interval, polled] of [[1, true], [1000, true], [HOUR_MS, false]] as const) {
    const polls = new Polls(interval);
    const count = { poll: 0, look: 0 };
    using _ = polls.start({ poll: () => count.poll++, look: () => count.look++ });
    await until(() => count.look > 0);
    equal(count.poll > 0, polled);
    ok(interval > 1 || count.poll > 20, `looked after ${count.poll} polls`);
  }
});

Deno.test("Polls takes another interval at once, and is on time by it", async () => {
  const polls = new Polls(HOUR_MS);
  const started = polls.lastMs;
  let count = 0;
  using timer = polls.start({ poll: () => count++, look });
  polls.setInterval(HOUR_MS);
  equal(count, 0);
  polls.setInterval(1);
  equal(count, 1);
  ok(polls.areOnTime() && polls.lastMs >= started);
  await until(() => count >= 3);
  polls.setInterval(HOUR_MS);
  const slowed = count;
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(count, slowed);
  timer[Symbol.dispose]();
  polls.setInterval(1);
  equal(count, slowed);
});

Deno.test("Polls feeds the watchdog whatever time the machine is set to", async () => {
  const now = Date.now;
  const polls = new Polls(HOUR_MS);
  let fed = 0;
  using _ = polls.feed({ watchdogMs: 3, alive: () => fed++ });
  try {
    for (const step of [10 * HOUR_MS, -10 * HOUR_MS]) {
      Date.now = () => now() + step;
      const before = fed;
      await until(() => fed > before);
    }
  } finally {
    Date.now = now;
  }
});

Deno.test("Polls does not feed the watchdog while polls are late", async () => {
  const polls = new Polls(1);
  let fed = 0;
  await until(() => !polls.areOnTime());
  using _ = polls.feed({ watchdogMs: 3, alive: () => fed++ });
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(fed, 0);
});

/** Gives up after some thousand turns. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    ok(turn < 5000, `in vain: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
