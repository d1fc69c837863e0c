/** Links of the disk and of /proc. @module */
import assert from "node:assert/strict";
import { openLibc } from "./libc.ts";
import { readLink } from "./read_link.ts";

Deno.test("readLink() tells what links hold, whether there is such a file or not", async () => {
  using libc = openLibc();
  const folder = await Deno.makeTempDir();
  try {
    for (const target of ["x", "/nowhere/at all/é", "y".repeat(4095)]) {
      await Deno.symlink(target, `${folder}/link`);
      assert.equal(readLink(libc, `${folder}/link`), target);
      await Deno.remove(`${folder}/link`);
    }
    assert.equal(readLink(libc, "/proc/self/exe"), await Deno.realPath("/proc/self/exe"));
    assert.equal(readLink(libc, folder), undefined);
    assert.equal(readLink(libc, `${folder}/nothing`), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
