/** The kernel's names, on the running kernel and in a file made by hand. @module */
import assert from "node:assert/strict";
import { differences, functionsOf } from "../libbpf/testing.ts";
import { NAMES_SYMBOLS, readKernelNames } from "./kernel_names.ts";
import { openLibc } from "./libc.ts";
import { KernelFileError } from "./read_file.ts";

Deno.test("NAMES_SYMBOLS agrees with the C library's headers", async () => {
  assert.deepEqual(
    differences(NAMES_SYMBOLS, await functionsOf(["stdio.h", "string.h"])),
    [],
  );
});

Deno.test("has() knows whole names of the running kernel, and no parts of them", () => {
  using libc = openLibc();
  using names = readKernelNames(libc);
  for (const name of ["task_struct", "btf_trace_task_newtask", "bpf_prog_load", "int"]) {
    assert.equal(names.has(name), true, name);
  }
  for (const name of ["task_struc", "ask_struct", "no_such_function_at_all"]) {
    assert.equal(names.has(name), false, name);
  }
});

/** Type information without types: a header that tells of `strings`, and these. */
function btf(strings: string, told = strings.length): Uint8Array {
  const bytes = new Uint8Array(32 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint32(4, 24, true);
  view.setUint32(16, 8, true);
  view.setUint32(20, told, true);
  bytes.set(new TextEncoder().encode(strings), 32);
  return bytes;
}

Deno.test("readKernelNames() reads the strings where the header says, the last one too", async () => {
  using libc = openLibc();
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, btf("\0first\0last\0"));
    using names = readKernelNames(libc, path);
    assert.deepEqual(["first", "last", "", "none"].map((name) => names.has(name)), [
      true,
      true,
      false,
      false,
    ]);
    await Deno.writeFile(path, btf("\0first\0", 100));
    assert.throws(() => readKernelNames(libc, path), KernelFileError);
    for (const other of [btf("").fill(0, 0, 2), btf("").subarray(0, 23), new Uint8Array()]) {
      await Deno.writeFile(path, other);
      assert.throws(() => readKernelNames(libc, path), { code: "ENODATA" });
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readKernelNames() says why there are none", () => {
  using libc = openLibc();
  assert.throws(() => readKernelNames(libc, "/nowhere/at/all"), { code: "ENOENT" });
});
