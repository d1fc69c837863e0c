import assert from "node:assert/strict";
import { openLibc } from "../kernel/libc.ts";
import { RecordingFiles } from "./files.ts";
import { Folder, record, RECORDS, recordsIn } from "./recording_fixture.ts";

Deno.test("RecordingFiles makes files that only their owner can read, and puts old ones away", async () => {
  using folder = new Folder();
  const first = await record(folder.file("a"), RECORDS);
  await record(folder.file("a"), []);
  assert.deepEqual(Deno.readFileSync(folder.file("a.1")), first);
  assert.deepEqual(recordsIn(Deno.readFileSync(folder.file("a"))), []);
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
