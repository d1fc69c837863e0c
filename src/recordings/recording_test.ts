import assert from "node:assert/strict";
import { Cut, Mark } from "../events/layout.gen.ts";
import { openLibc } from "../kernel/libc.ts";
import {
  cloneRecord,
  execRecord,
  type FixtureRecord,
  openRecord,
  privilegeRecord,
  withOrigin,
} from "../outputs/record_fixture.ts";
import type { EventFacts } from "../rules/facts.ts";
import { Block } from "./block.ts";
import { factsOf } from "./facts.ts";
import { BLOCK_HEADER_SIZE, blockHeader, BlockKind, jsonBlock, SIGNATURE } from "./format.ts";
import { RecordingFiles } from "./files.ts";
import { readRecording, RecordingError } from "./reader.ts";
import { Folder, HEAD, openRecording, sourceOf } from "./recording_fixture.ts";

const RECORDS = [
  openRecord({ comm: "cat" }, { path: "shadow", resolved: "/etc/shadow" }),
  execRecord({ uid: 7 }, { executable: "/bin/l\xe9\u{1f600}", args: "ls\0-l\0" }),
  cloneRecord({ pid: 3 }, { pid: 4, tid: 5 }),
  privilegeRecord({ comm: "su" }, 1000, 0),
];

async function record(
  path: string,
  records: readonly FixtureRecord[],
  options: { readonly blockSize?: number } = {},
): Promise<Uint8Array> {
  {
    await using recording = openRecording({ path }, options);
    recording.accept(...records);
  }
  return Deno.readFileSync(path);
}

function factsIn(bytes: Uint8Array): readonly EventFacts[] {
  return [...readRecording(sourceOf(bytes))].map(({ view, at }) => factsOf(view, at));
}

function bytesOf({ view, at, size }: { view: FixtureRecord["view"]; at: number; size: number }) {
  return view.bytes.slice(at, at + size);
}

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
  assert.deepEqual(factsIn(file(0)), []);
  assert.throws(() => factsIn(file(1)), /it ends after 1 records, and 0 are there/);
});

Deno.test("Block fills up with zeros, not with what stands behind a record", () => {
  const block = new Block(256);
  const { view, at, size } = openRecord({}, { path: "a" });
  block.add(2, view, at, size);
  const content = block.seal(1).subarray(BLOCK_HEADER_SIZE + 4);
  assert.deepEqual(content.subarray(0, size), bytesOf({ view, at, size }));
  assert.deepEqual([...content.subarray(size)], [0, 0, 0]);
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
    () => factsIn(bytes),
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
  assert.deepEqual(factsIn(Uint8Array.from(file(head, { clock, rules: [] }, end))), []);
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
    assert.throws(() => factsIn(Uint8Array.from(bytes)), {
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
  assert.equal(factsIn(Deno.readFileSync(folder.file("a"))).length, emitted.open);
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

Deno.test("RecordingFiles makes files that only their owner can read, and puts old ones away", async () => {
  using folder = new Folder();
  const first = await record(folder.file("a"), RECORDS);
  await record(folder.file("a"), []);
  assert.deepEqual(Deno.readFileSync(folder.file("a.1")), first);
  assert.deepEqual(factsIn(Deno.readFileSync(folder.file("a"))), []);
  assert.equal((Deno.statSync(folder.file("a")).mode ?? 0) & 0o777, 0o600);
});

Deno.test("RecordingFiles leaves alone what is no recording", () => {
  using folder = new Folder();
  using libc = openLibc();
  const refused = (path: string, keep = 1) =>
    assert.throws(
      () => new RecordingFiles(libc, { path, maxSize: 2 ** 20, keep }),
      { name: "AgentError", exitCode: 2, message: /something else has that name/ },
    );
  Deno.writeTextFileSync(folder.file("text"), "something that matters\n");
  refused(folder.file("text"));
  refused(folder.path);
  Deno.symlinkSync(folder.file("text"), folder.file("link"));
  refused(folder.file("link"));
  Deno.writeTextFileSync(folder.file("b.1"), "short");
  refused(folder.file("b"));
  assert.equal(Deno.readTextFileSync(folder.file("text")), "something that matters\n");
  assert.throws(
    () => new RecordingFiles(libc, { path: folder.file("no/b"), maxSize: 1, keep: 0 }),
    { name: "AgentError", exitCode: 1, message: /^Cannot create .*: ENOENT\. Give record a file/ },
  );
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
  assert.equal(factsIn(Deno.readFileSync(path)).length, 1);
});

Deno.test("RecordingFiles lose no further file where the new one cannot be made", async () => {
  using folder = new Folder();
  using libc = openLibc();
  const path = folder.file("a");
  const older = await record(path, [RECORDS[0]]);
  const old = await record(path, [RECORDS[1]]);
  using files = new RecordingFiles(libc, { path, maxSize: 2 ** 20, keep: 2 });
  const kept = () => [1, 2].map((age) => Deno.readFileSync(`${path}.${age}`));
  assert.deepEqual(kept(), [old, older]);
  withoutDescriptors(() => {
    for (let n = 0; n < 3; n++) {
      assert.throws(() => files.rotate(), { name: "DiskError", code: "EMFILE" });
    }
  });
  assert.deepEqual(kept(), [new Uint8Array(), old]);
  files.rotate();
  assert.deepEqual(kept(), [new Uint8Array(), old]);
});

/** Lets this process open nothing meanwhile (setrlimit(2)). */
function withoutDescriptors(act: () => void): void {
  const RLIMIT_NOFILE = 7;
  const limit = { parameters: ["i32", "buffer"], result: "i32" } as const;
  const libc = Deno.dlopen("libc.so.6", { getrlimit: limit, setrlimit: limit });
  const before = new BigUint64Array(2);
  assert.equal(libc.symbols.getrlimit(RLIMIT_NOFILE, before), 0);
  try {
    assert.equal(libc.symbols.setrlimit(RLIMIT_NOFILE, BigUint64Array.of(0n, before[1])), 0);
    act();
  } finally {
    libc.symbols.setrlimit(RLIMIT_NOFILE, before);
    libc.close();
  }
}

Deno.test("factsOf() tells an event as rules know it", () => {
  const facts = ({ view, at }: FixtureRecord) => {
    const { untold, ...told } = factsOf(view, at);
    return { ...told, untold: [...untold].sort() };
  };
  const common = { access: [], args: [], container: false, uid: 0, comm: "cat" };
  const O_CREAT = 0o100;
  assert.deepEqual(facts(openRecord({}, { path: "a", resolved: "/x/a", flags: 1 | O_CREAT })), {
    ...common,
    on: "open",
    outcome: "success",
    requested: "a",
    path: "/x/a",
    access: ["write"],
    untold: ["container", "exe", "parent.comm"],
  });
  assert.deepEqual(facts(openRecord({}, { path: "a", result: -2, flags: 2 | O_CREAT })), {
    ...common,
    on: "open",
    outcome: "failure",
    requested: "a",
    access: ["read", "write", "create"],
    untold: ["container", "exe", "parent.comm"],
  });
  assert.deepEqual(facts(execRecord({}, { executable: "/bin/a", args: "a\0b", cut: Cut.args })), {
    ...common,
    on: "exec",
    outcome: "success",
    requested: "/bin/a",
    path: "/bin/a",
    args: ["a", "b"],
    untold: ["args", "container", "parent.comm"],
  });
  assert.deepEqual(facts(execRecord({}, { requested: "b", error: -13 })), {
    ...common,
    on: "exec",
    outcome: "failure",
    requested: "b",
    untold: ["container", "exe", "parent.comm"],
  });
  const access = (flags: number) => facts(openRecord({}, { path: "a", flags })).access;
  assert.deepEqual(access(0), ["read"]);
  assert.deepEqual(access(2), ["read", "write"]);
  assert.deepEqual(access(0o1000), ["read", "write"], "O_TRUNC");
  const made = openRecord({}, { path: "a", flags: 1 | O_CREAT, marks: Mark.created });
  assert.deepEqual(facts(made).access, ["write", "create"]);
  assert.deepEqual(access(0o10000002), [], "O_PATH");
  assert.deepEqual(access(3), [], "for ioctl alone");
  const origin = { container: true, ancestors: [{ pid: 3, comm: "sshd" }] };
  const { parentComm, container, untold } = facts(withOrigin(RECORDS[3], origin));
  assert.deepEqual([parentComm, container, untold], ["sshd", true, ["exe"]]);
  assert.equal(
    facts(openRecord({}, { path: "a", resolved: "b/c", cut: Cut.path })).path,
    ".../b/c",
  );
});
