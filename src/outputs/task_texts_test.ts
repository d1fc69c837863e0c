/** What is kept of a task's text, and for which task. @module */
import assert from "node:assert/strict";
import { viewOf } from "../events/ring.ts";
import { constant, put } from "./bytes.ts";
import { cloneRecord, type FixtureRecord } from "./record_fixture.ts";
import { TaskTexts } from "./task_texts.ts";

const TASK = { comm: "cat", pid: 11, tid: 12, ppid: 13, uid: 14 };

function recordOf(task: Partial<typeof TASK> = {}): FixtureRecord {
  return cloneRecord({ ...TASK, ...task }, { pid: 1, tid: 1 });
}

/** Texts that count how often they were made, and what was written of a record. */
function numbered(textOf: (times: number) => string, isKept = true) {
  let times = 0;
  const texts = new TaskTexts((_, __, out, offset) => {
    const end = put(out, offset, constant(textOf(++times)));
    return isKept ? end : ~end;
  });
  return ({ view, at }: FixtureRecord): string => {
    const { data, bytes } = viewOf(new ArrayBuffer(1024));
    // A word that ends in these bytes is NaN as a double.
    bytes.fill(0xff);
    const end = texts.put(view, at, data, 5);
    return new TextDecoder().decode(bytes.subarray(5, end));
  };
}

Deno.test("put() copies the text of a task that it knows, of any length", () => {
  for (let length = 1; length <= 256; length++) {
    const written = numbered((times) => String(times).repeat(length));
    for (let event = 0; event < 3; event++) {
      assert.equal(written(recordOf()), "1".repeat(length));
    }
  }
});

Deno.test("put() knows a task by all of its ids and its whole name", () => {
  const others = [
    { pid: 12 },
    { tid: 12 + 64 },
    { tid: 13 },
    { ppid: 14 },
    { uid: 15 },
    { comm: "cau" },
    { comm: "cat-for-15-byte" },
  ];
  for (const other of others) {
    const written = numbered(String);
    assert.equal(written(recordOf()), "1");
    assert.equal(written(recordOf(other)), "2", JSON.stringify(other));
    assert.equal(written(recordOf(other)), "2", JSON.stringify(other));
  }
});

Deno.test("put() knows many tasks at a time", () => {
  const written = numbered(String);
  const tasks = Array.from({ length: 64 }, (_, index) => recordOf({ tid: 1000 + index }));
  const first = tasks.map(written);
  assert.equal(new Set(first).size, 64);
  assert.deepEqual(tasks.map(written), first);
});

Deno.test("put() keeps neither what is not to be kept nor what is too long", () => {
  const incomplete = numbered(String, false);
  const long = numbered((times) => String(times).repeat(257));
  for (const times of ["1", "2", "3"]) {
    assert.equal(incomplete(recordOf()), times);
    assert.equal(long(recordOf()), times.repeat(257));
  }
});
