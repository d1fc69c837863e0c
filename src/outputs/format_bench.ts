/** What a line costs. The aims: text below 150 ns an open, JSON below 350 ns. @module */
import { createJsonFormat } from "./json_lines.ts";
import {
  CLOCK,
  cloneRecord,
  execRecord,
  type FixtureRecord,
  openRecord,
} from "./record_fixture.ts";
import { createTextFormat } from "./text.ts";

const task = (pid: number) => ({ comm: "cat", pid, tid: pid, ppid: 4321, uid: 1000 });
/** Many, so that no branch is learned by heart. */
const tasks = Array.from({ length: 64 }, (_, index) => task(1_234_567 + index));

const RECORDS: Readonly<Record<string, readonly FixtureRecord[]>> = {
  "an open": tasks.map((task) =>
    openRecord(task, { path: "/usr/lib/x86_64-linux-gnu/libc.so.6", flags: 0o2000000 })
  ),
  "a failed open": tasks.map((task) =>
    openRecord(task, { path: "/usr/lib/x86_64-linux-gnu/libc.so.6", flags: 0o2000000, result: -2 })
  ),
  "an open of a hostile name": tasks.map((task) =>
    openRecord(task, { path: "/tmp/\x1b[2J\n日本\u202e/\\", flags: 0o2000000 })
  ),
  "an exec": tasks.map((task) =>
    execRecord(task, { executable: "/usr/bin/ls", args: "ls\0-l\0/tmp\0", argsCount: 3 })
  ),
  "a clone": tasks.map((task) => cloneRecord(task, { pid: 99, tid: 99, flagsLow: 0x1200000 })),
};

const FORMATS = { text: createTextFormat(CLOCK), JSON: createJsonFormat(CLOCK) };

const out = new Uint8Array(64 * 1024);

for (const [group, records] of Object.entries(RECORDS)) {
  for (const [name, format] of Object.entries(FORMATS)) {
    let sequence = 0;
    Deno.bench({ name: `${name}: ${group}`, group }, () => {
      const { view, at } = records[++sequence & 63];
      format.write(view, at, sequence, out, 0);
    });
  }
}
