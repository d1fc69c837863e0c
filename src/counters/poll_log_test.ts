/** What the polls say of losses and of outputs that fail. @module */
import assert from "node:assert/strict";
import { perKind } from "../events/kinds.ts";
import { createLog } from "../log.ts";
import { SCRAPE } from "../metrics/scrape_fixture.ts";
import type { Output } from "../outputs/output.ts";
import { PollLog } from "./poll_log.ts";

const NONE = perKind(() => 0);

/** A reading after which these outputs have dropped so many opens; all else stays as it was. */
function reading(dropped: Readonly<Record<string, number>>) {
  const outputs = Object.entries(dropped).map(([name, open]) => ({
    ...{ name, emitted: NONE, queued: NONE },
    dropped: { ...NONE, open },
  }));
  return { ...SCRAPE.reading, outputs, imbalances: [] };
}

/** Of an output no more than what the log looks at. */
function output(name: string): Output & { lastError?: Error } {
  return {
    ...{ name, closed: false, writing: false, busy: false, accept() {}, flush() {} },
    ...{ idle: () => Promise.resolve(), close: () => Promise.resolve() },
    counters: () => ({ name, emitted: NONE, dropped: NONE, queued: NONE }),
  };
}

function open(outputs: readonly Output[]) {
  const lines: string[] = [];
  const log = createLog({ level: "info", format: "journal", write: (line) => lines.push(line) });
  const first = reading(Object.fromEntries(outputs.map(({ name }) => [name, 0])));
  return { lines, polls: new PollLog(log, first, outputs) };
}

Deno.test("PollLog names the output that drops events, when it begins and when it has ended", () => {
  const { lines, polls } = open([output("stdout"), output("record")]);
  polls.observe(reading({ stdout: 0, record: 5 }));
  polls.observe(reading({ stdout: 0, record: 6 }));
  polls.observe(reading({ stdout: 2, record: 6 }));
  polls.observe(reading({ stdout: 2, record: 6 }));
  assert.deepEqual(lines, [
    "<4>Events are dropped: record takes them too slowly, or not at all. They are counted dropped=5",
    "<4>Events are dropped: stdout takes them too slowly, or not at all. They are counted dropped=2",
    "<6>No more events are dropped: record",
    "<6>No more events are dropped: stdout",
  ]);
});

Deno.test("PollLog tells of each output why it fails, once", () => {
  const [stdout, record] = [output("stdout"), output("record")];
  const { lines, polls } = open([stdout, record]);
  const poll = () => polls.observe(reading({ stdout: 0, record: 0 }));
  poll();
  stdout.lastError = new Error("EIO");
  record.lastError = new Error("ENOSPC");
  poll();
  poll();
  record.lastError = new Error("EDQUOT");
  poll();
  assert.deepEqual(lines, [
    "<3>Cannot write events to stdout because=EIO",
    "<3>Cannot write events to record because=ENOSPC",
    "<3>Cannot write events to record because=EDQUOT",
  ]);
});
