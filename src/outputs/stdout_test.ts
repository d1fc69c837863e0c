/** What becomes of each line when the reader is slow, stuck or gone. @module */
import assert from "node:assert/strict";
import type { OutputCounters } from "../counters/reading.ts";
import {
  CLOCK,
  cloneRecord,
  execRecord,
  type FixtureRecord,
  openRecord,
  privilegeRecord,
} from "./record_fixture.ts";
import { createJsonFormat } from "./json_lines.ts";
import { StdoutOutput } from "./stdout.ts";
import { createTextFormat } from "./text.ts";

const OPEN = openRecord({}, { path: "/etc/passwd" });
const KINDS = [
  execRecord({}, { executable: "/bin/ls", args: "ls\0" }),
  cloneRecord({}, { pid: 2, tid: 2 }),
  OPEN,
  privilegeRecord({}, 1000, 0),
];

/** A descriptor whose every write waits for the test to say what becomes of it. */
class Descriptor {
  text = "";
  #waiting: { bytes: Uint8Array; resolve: (count: number) => void; reject: (e: Error) => void }[] =
    [];

  readonly write = (bytes: Uint8Array): Promise<number> =>
    new Promise((resolve, reject) => void this.#waiting.push({ bytes, resolve, reject }));

  get isAsked(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes at most so many bytes of the write under way. */
  async take(most = Infinity): Promise<void> {
    const { bytes, resolve } = this.#next();
    const taken = bytes.subarray(0, most);
    this.text += new TextDecoder().decode(taken);
    resolve(taken.length);
    await turn();
  }

  async refuse(error: Error): Promise<void> {
    this.#next().reject(error);
    await turn();
  }

  #next() {
    return this.#waiting.shift() ?? assert.fail("nothing is being written");
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}

function open(options: { bufferSize?: number; json?: boolean } = {}) {
  const descriptor = new Descriptor();
  const output = new StdoutOutput({
    name: "stdout",
    format: options.json ? createJsonFormat(CLOCK) : createTextFormat(CLOCK),
    write: descriptor.write,
    ...options,
  });
  return { descriptor, output };
}

function accept(output: StdoutOutput, ...records: readonly FixtureRecord[]): void {
  for (const { view, at, size } of records) output.accept(view, at, size);
}

/** Counters of opens: emitted, dropped, queued. */
function opens({ emitted, dropped, queued }: OutputCounters): readonly number[] {
  return [emitted.open, dropped.open, queued.open];
}

const ONE_OF_EACH = { exec: 1, clone: 1, open: 1, privilege: 1 };
const NONE = { exec: 0, clone: 0, open: 0, privilege: 0 };

Deno.test("StdoutOutput counts a line as emitted when its last byte was taken", async () => {
  const { descriptor, output } = open();
  accept(output, ...KINDS);
  assert.deepEqual(output.counters(), {
    name: "stdout",
    emitted: NONE,
    dropped: NONE,
    queued: ONE_OF_EACH,
  });
  output.flush();
  await descriptor.take(10);
  assert.deepEqual(output.counters().emitted, NONE);
  await descriptor.take();
  assert.deepEqual(output.counters(), {
    name: "stdout",
    emitted: ONE_OF_EACH,
    dropped: NONE,
    queued: NONE,
  });
  assert.deepEqual(descriptor.text.match(/executed|sys_clone|opened|changed/g), [
    ...["executed", "sys_clone", "opened", "changed"],
  ]);
});

Deno.test("StdoutOutput has one write under way, and writes on by itself", async () => {
  const { descriptor, output } = open();
  accept(output, OPEN);
  output.flush();
  accept(output, OPEN, OPEN);
  output.flush();
  assert.deepEqual(opens(output.counters()), [0, 0, 3]);
  await descriptor.take();
  assert.deepEqual(opens(output.counters()), [1, 0, 2]);
  await descriptor.take();
  assert.deepEqual(opens(output.counters()), [3, 0, 0]);
  assert.ok(!descriptor.isAsked);
  assert.equal(descriptor.text.split("\n").length, 4);
});

Deno.test("accept() starts a write where the buffer is full, then drops and uses up numbers", async () => {
  const { descriptor, output } = open({ bufferSize: 4000, json: true });
  while (opens(output.counters())[1] < 5) accept(output, OPEN);
  const [, , queued] = opens(output.counters());
  assert.ok(descriptor.isAsked && queued > 2);
  await descriptor.take();
  accept(output, OPEN);
  await descriptor.take();
  output.flush();
  if (descriptor.isAsked) await descriptor.take();
  assert.deepEqual(opens(output.counters()), [queued + 1, 5, 0]);
  const sequences = descriptor.text.trim().split("\n").map((line) =>
    JSON.parse(line).event.sequence
  );
  const before = Array.from({ length: queued }, (_, index) => index + 1);
  assert.deepEqual(sequences, [...before, queued + 6]);
});

Deno.test("accept() drops what no buffer can hold, and takes the next", async () => {
  const { descriptor, output } = open({ bufferSize: 4000 });
  accept(output, openRecord({}, { path: "x".repeat(4000) }), OPEN);
  output.flush();
  await descriptor.take();
  assert.deepEqual(opens(output.counters()), [1, 1, 0]);
});

Deno.test("busy is true while a buffer that is nearly full waits for a write", async () => {
  const { descriptor, output } = open({ bufferSize: 4000 });
  accept(output, OPEN);
  output.flush();
  assert.ok(!output.busy);
  while (opens(output.counters())[1] === 0) accept(output, OPEN);
  assert.ok(output.busy);
  const idle = output.idle();
  await descriptor.take();
  await idle;
  assert.ok(!output.busy);
  await descriptor.take();
});

Deno.test("StdoutOutput counts exactly the whole lines before a broken pipe", async () => {
  for (const taken of [1, 50, 100, 150, 200, 250]) {
    const { descriptor, output } = open();
    accept(output, ...KINDS);
    output.flush();
    accept(output, OPEN);
    await descriptor.take(taken);
    assert.ok(!output.closed);
    await descriptor.refuse(new Deno.errors.BrokenPipe());
    assert.ok(output.closed);

    const whole = descriptor.text.split("\n").length - 1;
    const isEmitted = (place: number) => place < whole ? 1 : 0;
    const [exec, clone, opened, privilege] = KINDS.map((_, place) => isEmitted(place));
    assert.deepEqual(output.counters(), {
      name: "stdout",
      emitted: { exec, clone, open: opened, privilege },
      dropped: { exec: 1 - exec, clone: 1 - clone, open: 2 - opened, privilege: 1 - privilege },
      queued: NONE,
    });
  }
});

Deno.test("accept() drops and writes nothing once nobody reads", async () => {
  const { descriptor, output } = open();
  accept(output, OPEN);
  output.flush();
  await descriptor.refuse(new Deno.errors.BrokenPipe());
  accept(output, OPEN);
  output.flush();
  assert.deepEqual(opens(output.counters()), [0, 2, 0]);
  assert.ok(!descriptor.isAsked);
});

Deno.test("StdoutOutput goes on after a full disk, on a line of its own", async () => {
  const { descriptor, output } = open();
  accept(output, OPEN, OPEN);
  output.flush();
  await descriptor.take(100);
  const full = new Error("No space left on device (os error 28)");
  await descriptor.refuse(full);
  assert.ok(!output.closed);
  assert.equal(output.lastError, full);
  assert.deepEqual(opens(output.counters()), [1, 1, 0]);

  accept(output, OPEN);
  output.flush();
  await descriptor.refuse(full);
  assert.deepEqual(opens(output.counters()), [1, 2, 0]);

  accept(output, OPEN);
  output.flush();
  await descriptor.take();
  await descriptor.take();
  assert.deepEqual(opens(output.counters()), [2, 2, 0]);
  const lines = descriptor.text.split("\n");
  assert.equal(lines.length, 4);
  assert.equal(lines[2], lines[0]);
  assert.ok(lines[0].startsWith(lines[1]) && lines[1] !== lines[0]);
});

Deno.test("StdoutOutput takes a write of nothing for an error", async () => {
  const { descriptor, output } = open();
  accept(output, OPEN);
  output.flush();
  await descriptor.take(0);
  assert.deepEqual(opens(output.counters()), [0, 1, 0]);
  assert.match(String(output.lastError), /takes nothing/);
});

Deno.test("close() writes what is queued", async () => {
  const { descriptor, output } = open();
  accept(output, OPEN);
  output.flush();
  accept(output, OPEN);
  const closed = output.close(60_000);
  await descriptor.take();
  await descriptor.take();
  await closed;
  assert.deepEqual(opens(output.counters()), [2, 0, 0]);
  accept(output, OPEN);
  assert.deepEqual(opens(output.counters()), [2, 1, 0]);
});

Deno.test("close() gives up after a time and counts the rest as dropped, once", async () => {
  const { descriptor, output } = open();
  accept(output, OPEN, OPEN);
  output.flush();
  accept(output, OPEN);
  await descriptor.take(100);
  await output.close(1);
  assert.deepEqual(opens(output.counters()), [1, 2, 0]);
  await descriptor.take();
  assert.deepEqual(opens(output.counters()), [1, 2, 0]);
  assert.ok(!descriptor.isAsked);
});

Deno.test("close() counts what an abandoned write still took", async () => {
  const descriptor = new Descriptor();
  let abandoned: Promise<void> | undefined;
  const output = new StdoutOutput({
    name: "stdout",
    format: createTextFormat(CLOCK),
    write: descriptor.write,
    abandon: () => {
      abandoned = descriptor.take(100);
    },
  });
  accept(output, OPEN, OPEN);
  await output.close(1);
  await abandoned;
  assert.deepEqual(opens(output.counters()), [1, 1, 0]);
  assert.ok(!descriptor.isAsked);
});

Deno.test("close() takes the end of an abandoned write for no error", async () => {
  const descriptor = new Descriptor();
  let abandoned: Promise<void> | undefined;
  const output = new StdoutOutput({
    name: "stdout",
    format: createTextFormat(CLOCK),
    write: descriptor.write,
    abandon: () => {
      abandoned = descriptor.refuse(new Deno.errors.Interrupted());
    },
  });
  accept(output, OPEN, OPEN);
  await output.close(1);
  await abandoned;
  assert.deepEqual(opens(output.counters()), [0, 2, 0]);
  assert.equal(output.lastError, undefined);
});
