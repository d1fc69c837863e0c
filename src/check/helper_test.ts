/** The proving program, wherever it is put. @module */
import assert from "node:assert/strict";
import { openLibc } from "../kernel/libc.ts";
import { differences, functionsOf } from "../libbpf/testing.ts";
import { DEEDS } from "./deeds.ts";
import { HelperError, readHelper, runHelper } from "./helper.ts";
import { openPlaces, PLACEMENT_SYMBOLS, PlacementError } from "./placement.ts";
import { runProgram } from "./spawn.ts";

const HEADERS = ["fcntl.h", "stdlib.h", "sys/mman.h", "sys/stat.h", "unistd.h"];

Deno.test("PLACEMENT_SYMBOLS agree with the C library's headers", async () => {
  const functions = await functionsOf(HEADERS);
  assert.deepEqual(differences(PLACEMENT_SYMBOLS, functions), []);
});

Deno.test("runHelper() reports every deed, by names that begin with the prefix", async () => {
  using libc = openLibc();
  const accounts = await runHelper(libc, readHelper(), { prefix: "some-" });
  assert.deepEqual([...accounts.keys()], DEEDS.map(({ id }) => id));
  const names = [...accounts.values()].map(({ name }) => name);
  assert.deepEqual(names.slice(0, 2), ["some-00", "some-01"]);
  assert.equal(new Set(names).size, names.length);
  for (const id of ["exec", "execveat", "fork", "vfork", "thread", "openat", "openat2"]) {
    const account = accounts.get(id);
    assert.ok(account && account.result >= 0 && account.signal === 0, JSON.stringify(account));
  }
});

Deno.test("readHelper() has none for a machine that it was not made for", () => {
  assert.throws(
    () => readHelper("aarch64"),
    (error) => error instanceof HelperError && /aarch64/.test(error.message),
  );
});

Deno.test("runHelper() throws where the program fails", async () => {
  using libc = openLibc();
  const image = Deno.readFileSync("/bin/false");
  await assert.rejects(runHelper(libc, image, { prefix: "some-" }), HelperError);
});

Deno.test("runHelper() names every place that cannot be had", async () => {
  using libc = openLibc();
  const image = new TextEncoder().encode("no program");
  await assert.rejects(
    runHelper(libc, image, { prefix: "some-", folders: ["/nowhere", "/tmp"] }),
    /nowhere \(memory: ENOEXEC, \/nowhere: ENOENT, \/tmp: ENOEXEC\)$/,
  );
});

Deno.test("openPlaces() puts a program into a folder for nobody else, and takes it away", async () => {
  using libc = openLibc();
  const folder = await Deno.makeTempDir({ prefix: "ebpf-agent-test-" });
  try {
    using open = openPlaces(libc, [folder]);
    const place = open.places.find(({ name }) => name === folder);
    assert.ok(place);
    {
      using placed = place.put(readHelper());
      assert.ok(placed.path.startsWith(`${folder}/ebpf-agent-prove.`));
      assert.equal(Deno.statSync(placed.path.replace(/\/prove$/, "")).mode, 0o40700);
      assert.equal((await runProgram(placed.path, ["prove"])).status, 0);
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openPlaces() tells why a folder cannot be had", () => {
  using libc = openLibc();
  using open = openPlaces(libc, ["/nowhere"]);
  assert.throws(
    () => open.places[1].put(readHelper()),
    (error) => error instanceof PlacementError && error.message === "ENOENT",
  );
});
