/** JSON lines: every key of each kind, and names of any bytes. @module */
import assert from "node:assert/strict";
import { Cut } from "../events/layout.gen.ts";
import { hostileName, randomNumbers } from "./hostile_fixture.ts";
import { createJsonFormat } from "./json_lines.ts";
import {
  CLOCK,
  cloneRecord,
  execRecord,
  type FixtureRecord,
  lineOf,
  openRecord,
  privilegeRecord,
} from "./record_fixture.ts";

const format = createJsonFormat(CLOCK);
const TASK = { comm: "cat", pid: 1, tid: 2, ppid: 3, uid: 4_294_967_294 };

function text(record: FixtureRecord, sequence = 1): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(lineOf(format, record, sequence));
}

/** What a reader of the line sees, having made sure that it is one line. */
function parsed(record: FixtureRecord) {
  const line = text(record);
  assert.equal(line.indexOf("\n"), line.length - 1);
  return JSON.parse(line);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** What is expected of a name: its text, and its bytes where the text is not all. */
function expected(name: Uint8Array): { readonly text: string; readonly raw: string | undefined } {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(name);
  const isUtf8 = new TextEncoder().encode(text).toString() === name.toString();
  return { text, raw: isUtf8 ? undefined : base64(name) };
}

Deno.test("createJsonFormat() writes an open to the letter", () => {
  const record = openRecord(
    { ...TASK, uid: 0, time: 9_876_543_210n },
    { path: "/etc/passwd", flags: 0o2000000 },
  );
  assert.equal(
    text(record, 9_007_199_254_740_991),
    '{"@timestamp":"2025-11-21T18:33:29.876543210Z","event":{"kind":"event","category":["file"],' +
      '"type":["access"],"action":"open","outcome":"success","sequence":9007199254740991},' +
      '"process":{"pid":1,"thread":{"id":2},"name":"cat","parent":{"pid":3},"user":{"id":"0"}},' +
      '"file":{"path":"/etc/passwd"},' +
      '"ebpf_agent":{"schema":1,"flags":"O_RDONLY|O_CLOEXEC","fd":3}}\n',
  );
});

Deno.test("createJsonFormat() writes a failed open to the letter", () => {
  assert.equal(
    text(openRecord(TASK, { path: "/x", flags: 1, result: -2, cut: Cut.requested })),
    '{"@timestamp":"2025-11-21T18:33:20.123456789Z","event":{"kind":"event","category":["file"],' +
      '"type":["access"],"action":"open","outcome":"failure","sequence":1},' +
      '"process":{"pid":1,"thread":{"id":2},"name":"cat","parent":{"pid":3},' +
      '"user":{"id":"4294967294"}},"file":{"path":"/x"},"error":{"code":"ENOENT"},' +
      '"ebpf_agent":{"schema":1,"flags":"O_WRONLY","cut":["file.path"]}}\n',
  );
});

Deno.test("createJsonFormat() writes an exec to the letter", () => {
  const record = execRecord(TASK, {
    executable: "/usr/bin/bash",
    requested: "./script",
    args: "bash\0./script\0a b\0\0",
    argsCount: 4,
    previous: "sh",
  });
  assert.equal(
    text(record),
    '{"@timestamp":"2025-11-21T18:33:20.123456789Z","event":{"kind":"event",' +
      '"category":["process"],"type":["start"],"action":"exec","outcome":"success","sequence":1},' +
      '"process":{"pid":1,"thread":{"id":2},"name":"cat","executable":"/usr/bin/bash",' +
      '"args":["bash","./script","a b",""],"args_count":4,"parent":{"pid":3},' +
      '"user":{"id":"4294967294"}},' +
      '"ebpf_agent":{"schema":1,"requested":{"path":"./script"},"previous":{"name":"sh"}}}\n',
  );
});

Deno.test("createJsonFormat() tells of an exec what the record holds", () => {
  const plain = parsed(execRecord(TASK, { executable: "/bin/ls", args: "ls\0", argsCount: 1 }));
  assert.deepEqual(plain.ebpf_agent, { schema: 1 });

  const withoutArgs = parsed(execRecord(TASK, { executable: "/bin/ls", argsCount: 3 }));
  assert.equal(withoutArgs.process.args, undefined);
  assert.equal(withoutArgs.process.args_count, 3);

  const sameLength = parsed(execRecord(TASK, { executable: "/bin/ls", requested: "/bin/ps" }));
  assert.deepEqual(sameLength.ebpf_agent.requested, { path: "/bin/ps" });

  const shorter = parsed(execRecord(TASK, { executable: "/bin/bash", requested: "/bin/b" }));
  assert.deepEqual(shorter.ebpf_agent.requested, { path: "/bin/b" });

  const failed = parsed(
    execRecord(TASK, { requested: "/bin/nothing", error: -13, previous: "sh" }),
  );
  assert.equal(failed.event.outcome, "failure");
  assert.deepEqual(failed.error, { code: "EACCES" });
  assert.deepEqual(Object.keys(failed.process), ["pid", "thread", "name", "parent", "user"]);
  assert.deepEqual(failed.ebpf_agent, {
    schema: 1,
    requested: { path: "/bin/nothing" },
    previous: { name: "sh" },
  });
});

Deno.test("createJsonFormat() keeps what is left of cut arguments, and says what is cut", () => {
  const cut = (bits: number) =>
    parsed(execRecord(TASK, { executable: "/a", requested: "/a", args: "a\0bc", cut: bits }));
  assert.deepEqual(cut(Cut.args).process.args, ["a", "bc"]);
  assert.deepEqual(cut(Cut.args).ebpf_agent, { schema: 1, cut: ["process.args"] });
  assert.deepEqual(cut(Cut.path).ebpf_agent, { schema: 1, cut: ["process.executable"] });
  assert.deepEqual(cut(Cut.path | Cut.requested | Cut.args).ebpf_agent, {
    schema: 1,
    requested: { path: "/a" },
    cut: ["process.executable", "process.args", "ebpf_agent.requested.path"],
  });
});

Deno.test("createJsonFormat() tells a new thread from a new process", () => {
  const thread = parsed(
    cloneRecord(TASK, { pid: 1, tid: 9, flagsLow: 0x10f00, flagsHigh: 1 }),
  );
  assert.equal(thread.event.action, "fork");
  assert.deepEqual(thread.ebpf_agent, {
    schema: 1,
    child: { pid: 1, thread: { id: 9 } },
    thread: true,
    flags: "CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_CLEAR_SIGHAND",
  });
  const process = parsed(cloneRecord(TASK, { pid: 9, tid: 9 }));
  assert.deepEqual(process.ebpf_agent, { schema: 1, child: { pid: 9, thread: { id: 9 } } });
});

Deno.test("createJsonFormat() tells the new user and the old one", () => {
  const event = parsed(privilegeRecord(TASK, 1000, 0));
  assert.equal(event.event.action, "setuid");
  assert.deepEqual(event.event.type, ["change"]);
  assert.deepEqual(event.process.user, { id: "0" });
  assert.deepEqual(event.ebpf_agent, { schema: 1, previous: { user: { id: "1000" } } });
});

Deno.test("createJsonFormat() keeps the bytes of names that are not UTF-8, where the names are", () => {
  const invalid = Uint8Array.of(0x61, 0xff);
  // The same task twice: what is kept of the first line must not hide it in the second.
  for (const open of [1, 2].map(() => parsed(openRecord({ comm: invalid }, { path: invalid })))) {
    assert.deepEqual(open.ebpf_agent.raw, {
      process: { name: "Yf8=" },
      file: { path: "Yf8=" },
    });
  }
  const exec = parsed(execRecord({ comm: invalid }, {
    executable: invalid,
    requested: Uint8Array.of(0xff),
    args: Uint8Array.of(0x61, 0, 0, 0xff, 0, 0x62, 0),
    previous: invalid,
  }));
  assert.deepEqual(exec.process.args, ["a", "", "\ufffd", "b"]);
  assert.deepEqual(exec.ebpf_agent.raw, {
    process: { name: "Yf8=", executable: "Yf8=", args: ["YQ==", "", "/w==", "Yg=="] },
    ebpf_agent: { requested: { path: "/w==" }, previous: { name: "Yf8=" } },
  });
  const next = parsed(openRecord(TASK, { path: "/valid" }));
  assert.equal(next.ebpf_agent.raw, undefined);
});

Deno.test("createJsonFormat() writes opens of any names", () => {
  const next = randomNumbers(8);
  for (let i = 0; i < 5000; i++) {
    const path = hostileName(next, 80);
    const comm = hostileName(next, 16).filter((byte) => byte !== 0);
    const event = parsed(openRecord({ comm }, { path, result: (next() & 15) - 8 }));
    const want = { comm: expected(comm), path: expected(path) };
    assert.equal(event.process.name, want.comm.text);
    assert.equal(event.file.path, want.path.text);
    assert.equal(event.ebpf_agent.raw?.process?.name, want.comm.raw);
    assert.equal(event.ebpf_agent.raw?.file?.path, want.path.raw);
  }
});

Deno.test("createJsonFormat() writes execs of any arguments", () => {
  const next = randomNumbers(9);
  for (let i = 0; i < 3000; i++) {
    const args = Array.from(
      { length: next() % 5 },
      () => hostileName(next, 20).filter((byte) => byte !== 0),
    );
    const joined = Uint8Array.from(args.flatMap((arg) => [...arg, 0]));
    const event = parsed(execRecord(TASK, { executable: "/bin/sh", args: joined }));
    const want = args.map(expected);
    assert.deepEqual(event.process.args, args.length ? want.map(({ text }) => text) : undefined);
    const raw = want.some((arg) => arg.raw !== undefined) ? args.map(base64) : undefined;
    assert.deepEqual(event.ebpf_agent.raw?.process.args, raw);
  }
});

Deno.test("maxLineSize() suffices for the worst names", () => {
  const all = 2 ** 32 - 1;
  const cut = Cut.path | Cut.requested | Cut.args;
  for (const byte of [0x00, 0x01, 0x22, 0x5c, 0x7f, 0x80, 0xe2, 0xff]) {
    const comm = new Uint8Array(16).fill(byte);
    comm[15] = 0xff;
    const task = { comm, pid: all, tid: all, ppid: all, uid: all, time: 2n ** 64n - 1n };
    const path = new Uint8Array(4096).fill(byte);
    path[4095] = 0xff;
    const args = new Uint8Array(16384).fill(byte);
    args[16383] = 0xff;
    const oneByteArgs = args.map((value, index) => index & 1 && index < 16383 ? 0 : value);
    const twoByteArgs = args.map((value, index) => index % 3 === 2 && index < 16383 ? 0 : value);
    const rest = {
      executable: path,
      requested: path.map((value) => value ^ 1),
      previous: comm,
      cut,
    };
    const worst = [
      openRecord(task, { path, flags: all, result: 2 ** 31 - 1, cut }),
      openRecord(task, { path: "", flags: 0o37777773, result: -(2 ** 31), cut }),
      execRecord(task, { ...rest, args, argsCount: all }),
      execRecord(task, { ...rest, args: oneByteArgs, argsCount: all }),
      execRecord(task, { ...rest, args: twoByteArgs, argsCount: all }),
      execRecord(task, { args: oneByteArgs, argsCount: all }),
      execRecord(task, { requested: path, previous: comm, error: -131, cut, argsCount: all }),
      cloneRecord(task, { pid: all, tid: all, flagsLow: all, flagsHigh: 2 ** 21 - 1 }),
      privilegeRecord(task, all, all),
    ];
    // lineOf() gives no more room than maxLineSize(): a line that is longer throws.
    for (const record of worst) {
      JSON.parse(new TextDecoder().decode(lineOf(format, record, 2 ** 53 - 1)));
    }
  }
});
