import assert from "node:assert/strict";
import { openLibc } from "./libc.ts";
import { parseUsers, UserNames } from "./users.ts";

Deno.test("parseUsers() takes the first name of each number, and no line that is not one", () => {
  const names = parseUsers(
    "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\n#off:x:5:5::/:/\nhalf:x\n" +
      `${"x".repeat(33)}:x:7:7::/:/\nbob::1000:1000::/:/\n:x:6:6::/:/\n+nis:x:x::\n`,
  );
  assert.deepEqual([...names], [[0, "root"], [1000, "bob"]]);
});

Deno.test("UserNames reads the list again where it has changed", async () => {
  using libc = openLibc();
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "root:x:0:0::/:/bin/sh\n");
    const users = new UserNames(libc, path);
    assert.equal(users.of(0), "root");
    assert.equal(users.of(1), "1");
    await Deno.writeTextFile(`${path}.new`, "admin:x:1:0::/:/bin/sh\n");
    await Deno.rename(`${path}.new`, path);
    assert.equal(users.of(1), "admin");
    assert.equal(users.of(0), "0");
    await Deno.remove(path);
    assert.equal(users.of(1), "1");
  } finally {
    await Deno.remove(path).catch(() => {});
  }
});
