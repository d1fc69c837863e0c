/** Names of flags, compared with the kernel's own headers. @module */
import assert from "node:assert/strict";
import { cloneFlagNames, openFlagNames } from "./flags.ts";

const OPEN_NAMES = [
  ...["O_CREAT", "O_EXCL", "O_NOCTTY", "O_TRUNC", "O_APPEND", "O_NONBLOCK", "O_DSYNC", "O_DIRECT"],
  ...["O_LARGEFILE", "O_DIRECTORY", "O_NOFOLLOW", "O_NOATIME", "O_CLOEXEC", "O_SYNC", "O_PATH"],
  "O_TMPFILE",
];
const CLONE_NAMES = [
  ...["NEWTIME", "VM", "FS", "FILES", "SIGHAND", "PIDFD", "PTRACE", "VFORK", "PARENT", "THREAD"],
  ...["NEWNS", "SYSVSEM", "SETTLS", "PARENT_SETTID", "CHILD_CLEARTID", "DETACHED", "UNTRACED"],
  ...["CHILD_SETTID", "NEWCGROUP", "NEWUTS", "NEWIPC", "NEWUSER", "NEWPID", "NEWNET", "IO"],
  ...["CLEAR_SIGHAND", "INTO_CGROUP"],
].map((name) => `CLONE_${name}`);

/** What the C compiler reads in the kernel's headers. */
async function valuesInHeaders(names: readonly string[]): Promise<Map<string, number>> {
  const directory = await Deno.makeTempDir();
  try {
    const lines = names.map((name) => `printf("${name} %llu\\n", (unsigned long long)${name});`);
    await Deno.writeTextFile(
      `${directory}/flags.c`,
      `#include <stdio.h>\n#include <linux/fcntl.h>\n#include <linux/sched.h>\n` +
        `int main(void) { ${lines.join("\n")} return 0; }\n`,
    );
    await run("cc", ["-o", `${directory}/flags`, `${directory}/flags.c`]);
    const output = await run(`${directory}/flags`, []);
    return new Map(
      output.trim().split("\n").map((line) => {
        const [name, value] = line.split(" ");
        return [name, Number(value)];
      }),
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("openFlagNames() names each flag as the kernel's headers do", async () => {
  for (const [name, value] of await valuesInHeaders([...OPEN_NAMES, "FASYNC"])) {
    const expected = name === "FASYNC" ? "O_ASYNC" : name;
    assert.equal(openFlagNames(value), `O_RDONLY|${expected}`);
  }
});

Deno.test("cloneFlagNames() names each flag as the kernel's headers do", async () => {
  for (const [name, value] of await valuesInHeaders(CLONE_NAMES)) {
    assert.equal(cloneFlagNames(value), name);
  }
});

Deno.test("openFlagNames() joins names, and tells what has none in hexadecimal", () => {
  const table: [number, string][] = [
    [0, "O_RDONLY"],
    [1, "O_WRONLY"],
    [2, "O_RDWR"],
    [3, "O_ACCMODE"],
    [0o2000000, "O_RDONLY|O_CLOEXEC"],
    [0o1101, "O_WRONLY|O_CREAT|O_TRUNC"],
    [0o4010002, "O_RDWR|O_SYNC"],
    [0o4000000, "O_RDONLY|0x100000"],
    [0x80000001, "O_WRONLY|0x80000000"],
    [0xf8000004, "O_RDONLY|0xf8000004"],
  ];
  for (const [flags, names] of table) assert.equal(openFlagNames(flags, "x86_64"), names);
});

Deno.test("openFlagNames() knows that arm64 numbers four flags otherwise", () => {
  // From arch/arm64/include/uapi/asm/fcntl.h.
  assert.equal(openFlagNames(0o40000, "aarch64"), "O_RDONLY|O_DIRECTORY");
  assert.equal(openFlagNames(0o100000, "aarch64"), "O_RDONLY|O_NOFOLLOW");
  assert.equal(openFlagNames(0o200000, "aarch64"), "O_RDONLY|O_DIRECT");
  assert.equal(openFlagNames(0o400000, "aarch64"), "O_RDONLY|O_LARGEFILE");
  assert.equal(openFlagNames(0o20040002, "aarch64"), "O_RDWR|O_TMPFILE");
});

Deno.test("cloneFlagNames() joins names of both halves", () => {
  assert.equal(cloneFlagNames(0), "");
  assert.equal(cloneFlagNames(0x4100), "CLONE_VM|CLONE_VFORK");
  assert.equal(cloneFlagNames(0x1_0000_4100), "CLONE_VM|CLONE_VFORK|CLONE_CLEAR_SIGHAND");
  assert.equal(cloneFlagNames(0x8_8000_0001), "CLONE_IO|0x800000001");
});
