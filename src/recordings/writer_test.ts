import assert from "node:assert/strict";
import { openRecord } from "../outputs/record_fixture.ts";
import { readRecording } from "./reader.ts";
import { Folder, openRecording, RECORDS, recordsIn, sourceOf } from "./recording_fixture.ts";

Deno.test("RecordingOutput counts every record once, as emitted or dropped", async () => {
  using folder = new Folder();
  const recording = openRecording({ path: folder.file("a") }, { blockSize: 1024 });
  // Two blocks hold 12 of them, and nothing is written before the first turn of the event loop.
  for (let n = 0; n < 100; n++) recording.accept(RECORDS[0]);
  const early = recording.output.counters();
  assert.equal(early.queued.open + early.dropped.open, 100);
  assert(early.dropped.open > 0);
  await recording[Symbol.asyncDispose]();
  const { emitted, dropped, queued } = recording.output.counters();
  assert.deepEqual([emitted.open + dropped.open, queued.open], [100, 0]);
  assert.equal(recordsIn(Deno.readFileSync(folder.file("a"))).length, emitted.open);
});

Deno.test("RecordingOutput writes what is queued without being closed", async () => {
  using folder = new Folder();
  await using recording = openRecording({ path: folder.file("a") }, { blockSize: 256 });
  recording.accept(RECORDS[0]);
  recording.output.flush();
  await recording.output.idle();
  assert.equal(recording.output.counters().emitted.open, 1);
});

Deno.test("RecordingOutput begins a new file before one is too large, and keeps so many", async () => {
  using folder = new Folder();
  const path = folder.file("a");
  const numbered = (pid: number) => openRecord({ pid }, { path: "x".repeat(100) });
  {
    await using recording = openRecording({ path, maxSize: 2048, keep: 2 }, { blockSize: 1024 });
    for (let pid = 1; pid <= 40; pid++) {
      recording.accept(numbered(pid));
      recording.output.flush();
      await recording.output.idle();
    }
  }
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  assert.deepEqual(names, ["a", "a.1", "a.2"]);
  const pids = ["a.2", "a.1", "a"].flatMap((name) => {
    const file = Deno.readFileSync(folder.file(name));
    assert(file.length <= 2048, `${name}: ${file.length}`);
    return [...readRecording(sourceOf(file))].map(({ view, at }) => view.words[(at >> 2) + 4]);
  });
  assert.deepEqual(pids, Array.from({ length: pids.length }, (_, at) => 41 - pids.length + at));
  assert(pids.length > 12, String(pids));
});

Deno.test("RecordingOutput drops what finds no folder, and goes on once there is one again", async () => {
  using folder = new Folder();
  const path = folder.file("inner/a");
  Deno.mkdirSync(folder.file("inner"));
  await using recording = openRecording({ path, maxSize: 600, keep: 0 }, { blockSize: 256 });
  const { output } = recording;
  const write = async () => {
    recording.accept(RECORDS[0]);
    output.flush();
    await output.idle();
  };
  await write();
  Deno.removeSync(folder.file("inner"), { recursive: true });
  for (let tries = 0; output.lastError === undefined && tries < 10; tries++) await write();
  assert.match(String(output.lastError), /^DiskError: Cannot create .*\/inner\/a: ENOENT$/);
  const before = output.counters();
  assert.equal(before.dropped.open, 1);
  Deno.mkdirSync(folder.file("inner"));
  await write();
  assert.equal(output.counters().emitted.open, before.emitted.open + 1);
  await recording[Symbol.asyncDispose]();
  assert.equal(recordsIn(Deno.readFileSync(path)).length, 1);
});
