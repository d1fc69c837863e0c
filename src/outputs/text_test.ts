/** Lines for people, to the letter. @module */
import assert from "node:assert/strict";
import { Cut } from "../events/layout.gen.ts";
import {
  CLOCK,
  cloneRecord,
  execRecord,
  type FixtureRecord,
  lineOf,
  openRecord,
  privilegeRecord,
} from "./record_fixture.ts";
import { createTextFormat } from "./text.ts";

const format = createTextFormat(CLOCK);
const TASK = { comm: "cat", pid: 12347, ppid: 12345 };

function text(record: FixtureRecord): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(lineOf(format, record));
}

Deno.test("createTextFormat() writes the line of each kind", () => {
  const table: [FixtureRecord, string][] = [
    [
      cloneRecord({ comm: "bash", pid: 12345, ppid: 12344 }, { pid: 12346, tid: 12346 }),
      "Process bash (PID: 12345, PPID: 12344) called sys_clone\n",
    ],
    [
      openRecord(TASK, { path: "/etc/passwd" }),
      "[1763750000.123456] Process cat (PID: 12347) opened file: /etc/passwd\n",
    ],
    [
      openRecord(TASK, { path: "/etc/shadow", result: -13 }),
      "[1763750000.123456] Process cat (PID: 12347) could not open file: /etc/shadow (EACCES)\n",
    ],
    [
      execRecord({ comm: "ls", pid: 12348, ppid: 12345 }, {
        executable: "/usr/bin/ls",
        args: "ls\0-l\0/tmp\0",
        argsCount: 3,
      }),
      "[1763750000.123456] Process ls (PID: 12348, PPID: 12345) executed: /usr/bin/ls -l /tmp\n",
    ],
    [
      execRecord({ comm: "bash", pid: 12348, ppid: 12345 }, {
        requested: "/usr/local/bin/ls",
        error: -2,
      }),
      "[1763750000.123456] Process bash (PID: 12348, PPID: 12345) could not execute: " +
      "/usr/local/bin/ls (ENOENT)\n",
    ],
    [
      privilegeRecord({ comm: "sudo", pid: 12349, ppid: 12345 }, 1000, 0),
      "[1763750000.123456] Process sudo (PID: 12349, PPID: 12345) changed user: 1000 -> 0\n",
    ],
  ];
  for (const [record, line] of table) assert.equal(text(record), line);
});

Deno.test("createTextFormat() writes the program that ran, and each further argument", () => {
  const exec = (args: string, cut = 0) =>
    text(execRecord(TASK, { executable: "/bin/sh", requested: "./script", args, cut }))
      .split("executed: ")[1];
  assert.equal(exec(""), "/bin/sh\n");
  assert.equal(exec("\0"), "/bin/sh\n");
  assert.equal(exec("sh\0"), "/bin/sh\n");
  assert.equal(exec("sh\0-c\0echo a  b\0\0"), "/bin/sh -c echo a  b \n");
  assert.equal(exec("sh\0a\nb\0\\\0"), "/bin/sh a\\x0ab \\\\\n");
  assert.equal(exec("sh\0aa\0bb", Cut.args), "/bin/sh aa bb\\...\n");
  assert.equal(exec("sh\0aa\0", Cut.args), "/bin/sh aa\\...\n");
  assert.equal(exec("s", Cut.args), "/bin/sh\\...\n");
  assert.equal(exec("sh\0a\0", Cut.path), "/bin/sh\\... a\n");
});

Deno.test("createTextFormat() writes what was opened where nobody knows what was asked for", () => {
  const open = (resolved: string, cut: number) =>
    text(openRecord(TASK, { path: "", resolved, cut }));
  assert.match(open("/etc/shadow", 0), / opened file: \/etc\/shadow\n$/);
  assert.match(open("a/b", Cut.path), / opened file: a\/b\\\.\.\.\n$/);
});

Deno.test("createTextFormat() marks a cut path, in front of the error", () => {
  const open = (result: number) =>
    text(openRecord(TASK, { path: "/a", result, cut: Cut.requested }));
  assert.match(open(3), / opened file: \/a\\\.\.\.\n$/);
  assert.match(open(-2), / could not open file: \/a\\\.\.\. \(ENOENT\)\n$/);
  const exec = execRecord(TASK, { requested: "/a", error: -36, cut: Cut.requested });
  assert.match(text(exec), / could not execute: \/a\\\.\.\. \(ENAMETOOLONG\)\n$/);
});

Deno.test("createTextFormat() writes one line, whatever the names", () => {
  const forged = "a\n[1.000000] Process sshd (PID: 1) opened file: /etc/shadow";
  const line = text(openRecord({ comm: "x\n\x1b[2J" }, { path: forged }));
  assert.equal(
    line,
    "[1763750000.123456] Process x\\x0a\\x1b[2J (PID: 10) opened file: " +
      "a\\x0a[1.000000] Process sshd (PID: 1) opened file: /etc/shadow\n",
  );
});

Deno.test("createTextFormat() takes a name of sixteen bytes, and an empty one", () => {
  assert.match(
    text(openRecord({ comm: "0123456789abcdef" }, { path: "/" })),
    /s 0123456789abcdef \(/,
  );
  assert.match(
    text(openRecord({ comm: "" }, { path: "" })),
    /Process {2}\(PID: 10\) opened file: \n$/,
  );
});

Deno.test("maxLineSize() suffices for the worst names", () => {
  const comm = new Uint8Array(16).fill(0xff);
  const task = { comm, pid: 2 ** 32 - 1, ppid: 2 ** 32 - 1, time: 2n ** 64n - 1n };
  for (const byte of [0x00, 0x01, 0x22, 0x5c, 0x7f, 0x80, 0xe2, 0xff]) {
    const path = new Uint8Array(4096).fill(byte);
    const args = new Uint8Array(16384).fill(byte);
    const oneByteArgs = args.map((value, index) => index & 1 ? 0 : value);
    const cut = Cut.path | Cut.requested | Cut.args;
    const unknown = -2_147_483_648;
    const worst = [
      openRecord(task, { path, result: -131, cut }),
      openRecord(task, { path: "", result: unknown, cut }),
      execRecord(task, { executable: path, requested: path, args, previous: comm, cut }),
      execRecord(task, { executable: path, args: oneByteArgs, cut }),
      execRecord(task, { requested: path, error: -131, cut }),
      execRecord(task, { requested: "", error: unknown, cut }),
      cloneRecord(task, { pid: 2 ** 32 - 1, tid: 2 ** 32 - 1 }),
      privilegeRecord(task, 2 ** 32 - 1, 2 ** 32 - 1),
    ];
    // lineOf() gives no more room than maxLineSize(): a line that is longer throws.
    for (const record of worst) assert.equal(lineOf(format, record).at(-1), 0x0a);
  }
});
