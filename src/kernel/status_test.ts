/** What statx(2) tells, beside what Deno and stat(1) tell of the same files. @module */
import assert from "node:assert/strict";
import { cString, openLibc } from "./libc.ts";
import { statusOf } from "./status.ts";

Deno.test("statusOf() tells of a path what Deno tells", async () => {
  using libc = openLibc();
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "seven b");
    for (const file of [path, "/", "/dev/null", "/proc/self/status"]) {
      const found = statusOf(libc, file) ?? assert.fail(file);
      const { dev, ino, size, isFile } = Deno.statSync(file);
      assert.equal(found.type, isFile ? "file" : "other");
      assert.equal(found.device, BigInt(dev));
      assert.equal(found.inode, BigInt(ino ?? assert.fail()));
      assert.equal(found.size, size);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("statusOf() tells to the nanosecond, and since when there is a file, what stat(1) tells", async () => {
  using libc = openLibc();
  const path = await Deno.makeTempFile();
  try {
    await Deno.utime(path, 1000, 2000);
    const found = statusOf(libc, path) ?? assert.fail();
    const { stdout } = await new Deno.Command("stat", {
      args: ["--format=%.9Y %.9Z %.9W", path],
      env: { LC_ALL: "C" },
    }).output();
    const times = new TextDecoder().decode(stdout).trim().replaceAll(".", "").split(" ");
    const [modified, changed, born] = times.map(BigInt);
    assert.equal(found.modifiedAt, modified);
    assert.equal(found.changedAt, changed);
    // stat(1) tells 0 for what nobody knows.
    assert.equal(found.bornAt ?? 0n, born);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("statusOf() follows a link only where it is told to", async () => {
  using libc = openLibc();
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/file`, "");
    await Deno.symlink("file", `${folder}/link`);
    const inode = (path: string, followed: boolean) => statusOf(libc, path, followed)?.inode;
    const file = inode(`${folder}/file`, false);
    assert.equal(inode(`${folder}/link`, true), file);
    assert.notEqual(inode(`${folder}/link`, false), file);
    assert.equal(statusOf(libc, `${folder}/link`, false)?.type, "other");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("statusOf() knows a socket", async () => {
  using libc = openLibc();
  const folder = await Deno.makeTempDir();
  try {
    using _listener = Deno.listen({ transport: "unix", path: `${folder}/socket` });
    assert.equal(statusOf(libc, `${folder}/socket`)?.type, "socket");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("statusOf() tells what a descriptor stands for", () => {
  using libc = openLibc();
  const descriptor = libc.symbols.open(cString("/etc/passwd"), 0);
  assert.equal(statusOf(libc, descriptor)?.inode, statusOf(libc, "/etc/passwd")?.inode);
  libc.symbols.close(descriptor);
  assert.equal(statusOf(libc, descriptor), undefined);
});

Deno.test("statusOf() tells nothing of what is not there, and errno why", () => {
  using libc = openLibc();
  for (const [path, errno] of [["", 2], ["/nowhere/at/all", 2], ["/dev/null/below", 20]] as const) {
    assert.equal(statusOf(libc, path), undefined);
    assert.equal(libc.errno(), errno);
  }
});
