/** Running programs by libc: its signatures, and what comes back. @module */
import assert from "node:assert/strict";
import { differences, functionsOf } from "../libbpf/testing.ts";
import { runProgram, SPAWN_SYMBOLS, SpawnError } from "./spawn.ts";

const HEADERS = ["fcntl.h", "spawn.h", "sys/wait.h", "unistd.h"];

Deno.test("SPAWN_SYMBOLS agree with the C library's headers", async () => {
  assert.deepEqual(differences(SPAWN_SYMBOLS, await functionsOf(HEADERS)), []);
});

Deno.test("runProgram() collects what a program writes, with no environment", async () => {
  const script = 'echo "$0 $# é"; env -0; exit 3';
  const { stdout, status } = await runProgram("/bin/sh", ["sh", "-c", script, "name", "a b", ""]);
  assert.equal(stdout.split("\n")[0], "name 2 é");
  assert.ok(!stdout.includes("HOME="), stdout);
  assert.equal(status, 3 << 8);
});

Deno.test("runProgram() reads more than a pipe holds", async () => {
  const script = "head -c 200000 /dev/zero | tr '\\0' x";
  const { stdout, status } = await runProgram("/bin/sh", ["sh", "-c", script]);
  assert.deepEqual([stdout.length, status], [200_000, 0]);
});

Deno.test("runProgram() tells why a program cannot be started", async () => {
  await assert.rejects(
    runProgram("/nowhere/at/all", ["it"]),
    (error) => error instanceof SpawnError && error.message === "ENOENT",
  );
  await assert.rejects(runProgram("/dev/null", ["it"]), /EACCES/);
});
