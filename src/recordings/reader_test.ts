import assert from "node:assert/strict";
import { blockHeader, BlockKind, jsonBlock, SIGNATURE } from "./format.ts";
import { readRecording, RecordingError } from "./reader.ts";
import {
  bytesOf,
  Folder,
  HEAD,
  record,
  RECORDS,
  recordsIn,
  sourceOf,
} from "./recording_fixture.ts";

Deno.test("readRecording() gives every record back, byte for byte", async () => {
  using folder = new Folder();
  const bytes = await record(folder.file("a"), RECORDS);
  const read = [...readRecording(sourceOf(bytes))];
  assert.deepEqual(read.map(bytesOf), RECORDS.map(bytesOf));
  assert.deepEqual(read.map(({ number }) => number), [1, 2, 3, 4]);
  assert.deepEqual(read[0].clock, { offsetSeconds: 1_763_750_000, offsetNanoseconds: 0 });
});

Deno.test("readRecording() refuses a file in which any byte is another", async () => {
  using folder = new Folder();
  const bytes = await record(folder.file("a"), RECORDS);
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const damaged = bytes.slice();
      damaged[at] ^= flip;
      assertRefused(damaged, RECORDS.length);
    }
  }
});

Deno.test("readRecording() refuses a file of any lesser length, and one with more behind it", async () => {
  using folder = new Folder();
  const bytes = await record(folder.file("a"), RECORDS);
  for (let length = 0; length < bytes.length; length++) {
    assertRefused(bytes.subarray(0, length), RECORDS.length);
  }
  assertRefused(Uint8Array.of(...bytes, 0), RECORDS.length);
  assertRefused(Uint8Array.of(...bytes, ...bytes), RECORDS.length);
});

/** What is damaged says where, and gives no record but those that stand whole before it. */
function assertRefused(damaged: Uint8Array, most: number): void {
  const read: Uint8Array[] = [];
  assert.throws(() => {
    for (const recorded of readRecording(sourceOf(damaged))) read.push(bytesOf(recorded));
  }, (error) => {
    assert(error instanceof RecordingError, String(error));
    assert.match(error.message, /^Cannot read test\.rec(?: from byte \d+ on)?: /);
    return true;
  });
  assert(read.length <= most);
  assert.deepEqual(read, RECORDS.slice(0, read.length).map(bytesOf));
}

Deno.test("readRecording() says where a recording was cut, after what stands before", async () => {
  using folder = new Folder();
  const bytes = await record(folder.file("a"), Array(40).fill(RECORDS[0]), { blockSize: 1024 });
  let whole = 0;
  assert.throws(
    () => {
      for (const _ of readRecording(sourceOf(bytes.subarray(0, bytes.length - 700)))) whole++;
    },
    /^RecordingError: Cannot read test\.rec from byte \d+ on: it was cut in block \d+\. What stands/,
  );
  assert(whole > 0 && whole < 40, String(whole));
});

Deno.test("readRecording() refuses an end that tells of other records than there are", () => {
  const head = { ...HEAD, clock: { seconds: 0, nanoseconds: 0 }, rules: [] };
  const file = (records: number) =>
    new Uint8Array([
      ...SIGNATURE,
      ...jsonBlock(BlockKind.head, 0, head),
      ...jsonBlock(BlockKind.end, 1, { records }),
    ]);
  assert.deepEqual(recordsIn(file(0)), []);
  assert.throws(() => recordsIn(file(1)), /it ends after 1 records, and 0 are there/);
});

Deno.test("readRecording() refuses what another version wrote, by name", () => {
  const head = { version: 1, layout: "0123", agent: "9.9", kernel: "", architecture: "" };
  const block = jsonBlock(BlockKind.head, 0, {
    ...head,
    clock: { seconds: 0, nanoseconds: 0 },
    rules: [],
  });
  const bytes = new Uint8Array([...SIGNATURE, ...block]);
  assert.throws(
    () => recordsIn(bytes),
    /written by ebpf-agent 9\.9, .*\(1-0123, here .* that version$/,
  );
});

Deno.test("readRecording() refuses JSON that has another form, under checksums that are right", () => {
  const clock = { seconds: 0, nanoseconds: 0 };
  const head = { ...HEAD, clock, rules: [] };
  const end = { records: 0 };
  const file = (head: unknown, note: unknown, end: unknown) => [
    ...SIGNATURE,
    ...blockOf(BlockKind.head, 0, head),
    ...blockOf(BlockKind.note, 1, note),
    ...blockOf(BlockKind.end, 2, end),
  ];
  assert.deepEqual(recordsIn(Uint8Array.from(file(head, { clock, rules: [] }, end))), []);
  const nothing = [null, undefined, 1, "", [], true];
  const clocks = [
    ...nothing.filter((value) => value !== undefined),
    { ...clock, seconds: 1e300 },
    { ...clock, seconds: 0.5 },
    { ...clock, nanoseconds: -1 },
    { seconds: 0 },
  ];
  const rules = [null, 1, {}, [null], [{ set: 1 }], [{ set: 1, names: [2] }], [
    { set: 1, names: Array(65).fill("a") },
  ]];
  const notes = [...clocks.map((clock) => ({ clock })), ...rules.map((rules) => ({ rules }))];
  const damaged = [
    ...[...nothing, HEAD, { ...head, layout: 1 }, { ...head, kernel: 1 }].map((head) =>
      file(head, {}, end)
    ),
    ...notes.map((note) => file({ ...head, ...note }, {}, end)),
    ...[null, undefined, 1, "", ...notes].map((note) => file(head, note, end)),
    ...[...nothing, {}, { records: "0" }].map((end) => file(head, {}, end)),
  ];
  for (const bytes of damaged) {
    assert.throws(() => recordsIn(Uint8Array.from(bytes)), {
      name: "RecordingError",
      message: /^Cannot read test\.rec from byte \d+ on: what stands there has not the form that/,
    });
  }
});

/** A block of any JSON, or where that is undefined of none. */
function blockOf(kind: number, number: number, value: unknown): Uint8Array {
  const content = new TextEncoder().encode(JSON.stringify(value) ?? "{");
  return Uint8Array.of(...blockHeader(kind, number, content), ...content);
}
