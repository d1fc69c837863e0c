/** What counts as told, and what as announced. @module */
import assert from "node:assert/strict";
import type { JsonEvent } from "../harness/expected.ts";
import { type Account, readAccounts } from "./accounts.ts";
import { readPeer, verdictOn } from "./peer_lines.ts";
import { problems } from "./survey.ts";
import { judge, show } from "./verdict.ts";

const FILE = { inode: "12", device: "8:1", path: "/etc/passwd", deleted: false, outside: false };

function opened(road: string, opens: readonly (typeof FILE)[] = [FILE]): Account {
  return { kind: "open", road, pid: 7, did: "opens", opens };
}

function told(changes: Partial<typeof FILE> = {}, second = 1): JsonEvent {
  const { inode, device, path } = { ...FILE, ...changes };
  return {
    "@timestamp": `2026-11-21T20:00:0${second}.000000000Z`,
    event: { action: "open", outcome: "success" },
    process: { pid: 7 },
    file: { path, inode },
    ebpf_agent: { device },
  };
}

/** Without its file. */
const SILENT: JsonEvent = { ...told(), file: { path: "/etc/passwd" } };
const OTHER_PROCESS: JsonEvent = { ...told(), process: { pid: 8 } };

function shown(account: Account, events: readonly JsonEvent[], ...announced: readonly string[]) {
  return show(judge(account, events, new Set(announced))).replace(/: (?:\{.*)?$/, "");
}

Deno.test("judge() takes an open for resolved where the file and its path are right", () => {
  assert.equal(shown(opened("openat"), [told()]), "resolved");
  assert.equal(shown(opened("openat"), [OTHER_PROCESS, told()]), "resolved");
  assert.equal(shown(opened("openat"), [SILENT]), "seen");
});

Deno.test("judge() takes anything else for wrong", () => {
  const one = opened("openat");
  assert.equal(shown(one, [told(), told()]), "wrong: 1 opens and 2 events");
  for (const change of [{ inode: "13" }, { device: "8:2" }, { path: "/etc/shadow" }]) {
    assert.equal(shown(one, [told(change)]), "wrong: 1 of 1 told as another file");
  }
});

Deno.test("judge() says how many events are not there, and holds the others against what was done", () => {
  const decoy = { ...FILE, inode: "13" };
  const verdict = (...events: readonly JsonEvent[]) =>
    judge(opened("race", [FILE, decoy, FILE]), events, new Set());
  assert.deepEqual(verdict(), { state: "unheard", unheard: 3 });
  assert.deepEqual(verdict(OTHER_PROCESS), { state: "unheard", unheard: 3 });
  assert.deepEqual(verdict(told({}, 1), told({}, 2)), { state: "resolved", unheard: 1 });
  assert.deepEqual(verdict(told(decoy, 1)), { state: "resolved", unheard: 2 });
  assert.equal(verdict(told(decoy, 1), told(decoy, 2)).state, "wrong");
  const execution: Account = {
    kind: "exec",
    road: "r",
    pid: 7,
    did: "execution",
    executable: "/x",
  };
  assert.deepEqual(judge(execution, [], new Set()), { state: "unheard", unheard: 1 });
});

Deno.test("problems() lets be missing what the agent counts, and no more", () => {
  const survey = (missing: number, unheard: number, counted = 1) =>
    problems({
      cells: [{ road: "r", kind: "open", verdict: { state: "resolved", unheard: missing } }],
      passwd: { counted, expected: 1 },
      unheard,
    });
  assert.deepEqual(survey(0, 0), []);
  assert.deepEqual(survey(2, 2), []);
  assert.deepEqual(survey(2, 1), ["2 events were not told, and 1 counted as such"]);
  assert.deepEqual(survey(0, 1, 2), []);
  assert.deepEqual(survey(0, 0, 2), ["1 reads of passwd were told, and 2 counted"]);
  assert.deepEqual(survey(0, 1, 0), ["1 reads of passwd were told, and 0 counted"]);
});

Deno.test("judge() holds every try of a race against its own open, in order of time", () => {
  const decoy = { ...FILE, inode: "13" };
  const race = opened("a path that is rewritten meanwhile", [FILE, decoy]);
  assert.equal(shown(race, [told({}, 1), told(decoy, 2)]), "resolved");
  assert.equal(shown(race, [told(decoy, 2), told({}, 1)]), "resolved");
  assert.equal(shown(race, [told(decoy, 1), told({}, 2)]), "wrong: 2 of 2 told as another file");
});

Deno.test("judge() excuses what is not told by the blind spot of that road alone", () => {
  assert.equal(shown(opened("io_uring, openat"), [], "io_uring"), "blind: io_uring");
  assert.equal(shown(opened("io_uring, openat"), [SILENT], "io_uring"), "blind: io_uring");
  assert.equal(shown(opened("io_uring, openat"), [], "compat32"), "unheard");
  assert.equal(shown(opened("openat"), [], "io_uring", "compat32"), "unheard");
  assert.equal(shown(opened("int $0x80, execve"), [], "compat32"), "unheard");
});

Deno.test("judge() excuses wrong files in a race for a descriptor, and counts a missing open", () => {
  const race = opened("a descriptor that is replaced meanwhile", [FILE, FILE]);
  const other = told({ inode: "13" }, 2);
  assert.equal(shown(race, [told(), other], "replaced_descriptor"), "blind: replaced_descriptor");
  assert.equal(shown(race, [told(), told()], "replaced_descriptor"), "blind: replaced_descriptor");
  const announced = new Set(["replaced_descriptor"]);
  assert.equal(judge(race, [told()], announced).unheard, 1);
  assert.deepEqual(judge(race, [told(), other], announced), {
    state: "blind",
    spot: "replaced_descriptor",
  });
  assert.match(shown(race, [told(), other]), /^wrong: 1 of 2 told as another file/);
  const waiting = opened("while 100 other opens wait");
  assert.equal(shown(waiting, [], "many_blocked"), "blind: many_blocked");
  assert.equal(judge(waiting, [], new Set(["many_blocked"])).unheard, undefined);
  assert.equal(shown(waiting, [], "replaced_descriptor"), "unheard");
});

Deno.test("judge() excuses no wrong file, and no blind spot that is none", () => {
  const road = opened("io_uring, openat");
  assert.match(shown(road, [told({ inode: "13" })], "io_uring"), /^wrong: 1 of 1 told as another/);
  assert.match(shown(road, [told()], "io_uring"), /^wrong: announced as io_uring, and resolved/);
});

Deno.test("judge() knows roads and hooks that a kernel does not have", () => {
  const nothing: Account = { kind: "open", road: "openat of the x32 ABI", pid: 7, did: "nothing" };
  assert.equal(shown(nothing, []), "none");
  assert.equal(shown(opened("openat"), [], "everything"), "unwatched");
});

Deno.test("readAccounts() tells paths as the machine and as a process sees them", () => {
  const hex = (text: string) =>
    [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const line = (root: string, path: string) =>
    JSON.stringify({
      kind: "open",
      road: "r",
      pid: 7,
      opens: "0",
      root: hex(root),
      files: [{ inode: "1", device: "8:1", path: hex(path) }],
    });
  const cases = [
    [line("/jail", "/jail/etc/passwd"), {
      path: "/jail/etc/passwd",
      deleted: false,
      viewed: "/etc/passwd",
      outside: false,
    }],
    [line("/jail", "/jailer (deleted)"), { path: "/jailer", deleted: true, outside: true }],
    [line("/", "/etc/passwd"), { path: "/etc/passwd", deleted: false, outside: false }],
  ] as const;
  for (const [text, expected] of cases) {
    const [account] = readAccounts(text);
    assert.ok(account?.did === "opens");
    assert.deepEqual(account.opens, [{ inode: "1", device: "8:1", ...expected }]);
  }
});

Deno.test("verdictOn() tells what other tools printed of a road", () => {
  const opensnoop = readPeer(
    "open",
    "PID    COMM              FD ERR PATH\n7      adversary          3   0 /etc/passwd\n",
  );
  assert.equal(verdictOn(opened("openat"), opensnoop), "path");
  assert.equal(verdictOn(opened("..", [{ ...FILE, path: "/etc/p" }]), opensnoop), "name");
  assert.equal(verdictOn({ ...opened("openat"), pid: 8 }, opensnoop), "missed");
  const exec: Account = { kind: "exec", road: "r", pid: 9, did: "execution", executable: "/bin/x" };
  const execsnoop = readPeer("exec", "x                9       1        0 /bin/x stop\n");
  assert.equal(verdictOn(exec, execsnoop), "path");
  assert.equal(verdictOn(exec, readPeer("exec", "447        9  x stop\n")), "name");
});
