/** The table of deeds against the program that carries them out, and what is known of each. @module */
import assert from "node:assert/strict";
import { COVERAGE } from "../probes/coverage.ts";
import {
  type Account,
  type Deed,
  DEEDS,
  isAbsent,
  isSightingOf,
  readAccounts,
  wasMade,
} from "./deeds.ts";

Deno.test("DEEDS are those of the proving program, in its order", () => {
  const source = Deno.readTextFileSync(new URL("./prove/prove.c", import.meta.url));
  const table = source.slice(source.indexOf("} deeds[] = {"));
  const names = [...table.matchAll(/^\t\{ "(\w+)", \w+ \},$/gm)].map(([, name]) => name);
  assert.deepEqual(DEEDS.map(({ id }) => id), names);
});

Deno.test("DEEDS name blind spots that a hook of their kind of event has", () => {
  for (const { id, event, spot } of DEEDS) {
    if (spot === undefined) continue;
    const rows = Object.values(COVERAGE[event]).flat();
    assert.ok(rows.some((row) => row.id === spot), `${id}: no hook has the blind spot ${spot}`);
  }
});

Deno.test("readAccounts() reads the proving program's report", () => {
  assert.deepEqual([...readAccounts("open chk-11 3 0\nfork chk-04 0 31\nexec chk-00 -13 0\n")], [
    ["open", { id: "open", name: "chk-11", result: 3, signal: 0 }],
    ["fork", { id: "fork", name: "chk-04", result: 0, signal: 31 }],
    ["exec", { id: "exec", name: "chk-00", result: -13, signal: 0 }],
  ]);
  assert.throws(() => readAccounts("open chk-11 3\n"), /open chk-11 3$/);
});

const OPENED: Deed = { id: "open", event: "open", what: "an open", returns: "success" };
const FAILED: Deed = { id: "open_failed", event: "open", what: "a failure", returns: 20 };

const MADE: readonly (readonly [Deed, result: number, signal: number, made: boolean])[] = [
  [OPENED, 0, 0, true],
  [OPENED, 7, 0, true],
  [OPENED, -1, 0, false],
  [OPENED, 0, 31, false],
  [FAILED, -20, 0, true],
  [FAILED, -2, 0, false],
  [FAILED, 3, 0, false],
];

for (const [deed, result, signal, made] of MADE) {
  Deno.test(`wasMade() ${deed.what} that returns ${result} by signal ${signal}: ${made}`, () => {
    assert.equal(wasMade(deed, account(deed.id, result, signal)), made);
  });
}

Deno.test("isAbsent() is a call that the kernel does not have, and nothing that is refused", () => {
  assert.ok(isAbsent(account("uselib", -38, 0)));
  assert.ok(isAbsent(account("open_32bit", 0, 11)), "no 32-bit calls: SIGSEGV");
  assert.ok(!isAbsent(account("open", 0, 11)));
  assert.ok(!isAbsent(account("open_32bit", 0, 31)), "killed by a seccomp filter");
  assert.ok(!isAbsent(account("open_io_uring", -1, 0)), "EPERM");
});

Deno.test("isSightingOf() goes by the kind of event, the name and the errno", () => {
  const sighting = { event: "open", name: "chk-00", errno: 0 } as const;
  const opened = account("open", 3, 0);
  assert.ok(isSightingOf(OPENED, opened, sighting));
  assert.ok(!isSightingOf(OPENED, opened, { ...sighting, event: "exec" }));
  assert.ok(!isSightingOf(OPENED, opened, { ...sighting, name: "chk-01" }));
  assert.ok(!isSightingOf(OPENED, opened, { ...sighting, errno: 20 }));
  assert.ok(isSightingOf(FAILED, account("open_failed", -20, 0), { ...sighting, errno: 20 }));
});

function account(id: string, result: number, signal: number): Account {
  return { id, name: "chk-00", result, signal };
}
