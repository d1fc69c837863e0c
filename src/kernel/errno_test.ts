/** Error names against the host's C headers. @module */
import assert from "node:assert/strict";
import { runC } from "../libbpf/testing.ts";
import { errnoName } from "./errno.ts";

Deno.test("errnoName() names all numbers as the C library does", async () => {
  const print = `for (int e = 1; e <= 200; e++) {
    const char *name = strerrorname_np(e);
    if (name) printf("%d %s\\n", e, name); else printf("%d E%d\\n", e, e);
  }`;
  const host = new TextDecoder().decode(
    await runC(
      ["string.h"],
      `
    extern const char *strerrorname_np(int);
    ${print}
  `,
    ),
  );
  const ours = Array.from({ length: 200 }, (_, index) => `${index + 1} ${errnoName(index + 1)}\n`);
  assert.equal(ours.join(""), host.replaceAll(" ENOTSUP\n", " EOPNOTSUPP\n"));
});

Deno.test("errnoName() knows what the kernel's headers define", async () => {
  for (const file of ["errno-base.h", "errno.h"]) {
    const header = await Deno.readTextFile(`/usr/include/asm-generic/${file}`);
    const defines = [...header.matchAll(/^#define\s+(E\w+)\s+(\d+)/gm)];
    assert.ok(defines.length > 30, `${file} has ${defines.length} numbers`);
    for (const [, name, number] of defines) assert.equal(errnoName(Number(number)), name);
  }
});

Deno.test("errnoName() shows the kernel's own restart codes as an interruption", () => {
  assert.deepEqual([512, 513, 514, 516].map(errnoName), ["EINTR", "EINTR", "EINTR", "EINTR"]);
});

Deno.test("errnoName() shows a number without a name in decimal", () => {
  assert.deepEqual([0, 41, 58, 134, 515, 999].map(errnoName), [
    "E0",
    "E41",
    "E58",
    "E134",
    "E515",
    "E999",
  ]);
});
