/** Lines that would be several entries in the journal. @module */
import assert from "node:assert/strict";
import { Cut, Mark } from "../events/layout.gen.ts";
import { namesOf, ruleOf } from "../rules/rule_fixture.ts";
import { createJsonFormat } from "./json_lines.ts";
import type { Format } from "./output.ts";
import {
  CLOCK,
  cloneRecord,
  execRecord,
  type FixtureRecord,
  lineOf,
  openRecord,
  withOrigin,
} from "./record_fixture.ts";
import { MOST_LINE } from "./short_record.ts";
import { StdoutOutput } from "./stdout.ts";
import { createTextFormat } from "./text.ts";

const RULES = namesOf([ruleOf("shadow-read")], 3);
const FORMATS = {
  json: createJsonFormat(CLOCK, { rules: RULES }),
  text: createTextFormat(CLOCK, RULES),
};
/** What rules may say of themselves. */
const FOR_RULES = 12 * 1024;
const ALL = 2 ** 32 - 1;
const TASK = { comm: new Uint8Array(16).fill(0xff), pid: ALL, tid: ALL, ppid: ALL, uid: ALL };

/** The bytes that an output writes of a record. */
function written(format: Format, { view, at, size }: FixtureRecord): Uint8Array {
  const parts: Uint8Array[] = [];
  const output = new StdoutOutput({
    name: "stdout",
    format,
    write: (bytes) => {
      parts.push(bytes.slice());
      return bytes.length;
    },
  });
  output.accept(view, at, size);
  output.flush();
  assert.equal(parts.length, 1);
  return parts[0];
}

function parsed(record: FixtureRecord) {
  return JSON.parse(
    new TextDecoder("utf-8", { fatal: true }).decode(written(FORMATS.json, record)),
  );
}

/** `size` bytes, each NUL-ended argument of `length` without its NUL. */
function argumentsOf(byte: number, size: number, length: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => at % (length + 1) === length ? 0 : byte);
}

function matched(record: FixtureRecord): FixtureRecord {
  const comm = TASK.comm;
  return withOrigin(record, {
    ruleSet: 3,
    rules: [0, 1],
    loginUid: ALL - 1,
    loginSession: ALL - 1,
    sessionLeader: ALL,
    container: true,
    tty: { name: comm, major: ALL, minor: ALL },
    ancestors: Array.from({ length: 5 }, () => ({ pid: ALL, comm })),
  });
}

Deno.test("StdoutOutput writes no line that journald would split, whatever the names hold", () => {
  for (const byte of [0x01, 0x22, 0x7f, 0x80, 0xe2, 0xff]) {
    const path = new Uint8Array(4095).fill(byte);
    const executable = path.map((value, at) => at === 0 ? 0xff : value);
    const exec = { executable, requested: path, previous: TASK.comm, argsCount: ALL };
    const records = [
      ...[1, 2, 3, 16384].map((length) =>
        execRecord(TASK, { ...exec, args: argumentsOf(byte, 16384, length) })
      ),
      execRecord(TASK, exec),
      execRecord(TASK, { requested: path, error: -131 }),
      openRecord(TASK, { path, resolved: executable, rootSize: 1, flags: ALL, device: ALL }),
      openRecord(TASK, { path, result: -2 }),
      cloneRecord(TASK, { pid: ALL, tid: ALL, flagsLow: ALL }),
    ];
    for (const record of records.map(matched)) {
      for (const [name, format] of Object.entries(FORMATS)) {
        const line = written(format, record);
        const whole = lineOf(format, record);
        const most = whole.length > MOST_LINE ? MOST_LINE - FOR_RULES : MOST_LINE;
        assert.ok(line.length <= most, `${name}: ${line.length} bytes of 0x${byte.toString(16)}`);
        assert.equal(line.indexOf(0x0a), line.length - 1);
        if (whole.length <= MOST_LINE) assert.deepEqual(line, whole);
      }
      assert.equal(parsed(record).rule.name, "shadow-read");
    }
  }
});

Deno.test("StdoutOutput writes 16 KiB of arguments and two paths in full", () => {
  const path = `/${"p".repeat(4094)}`;
  const record = matched(
    execRecord({ pid: 1 }, {
      executable: path,
      requested: `.${path.slice(1)}`,
      args: argumentsOf(0x61, 16384, 100),
      argsCount: 163,
    }),
  );
  for (const format of Object.values(FORMATS)) {
    assert.deepEqual(written(format, record), lineOf(format, record));
  }
  assert.equal(parsed(record).ebpf_agent.cut, undefined);
});

Deno.test("StdoutOutput says which names of a long line it cut, and where", () => {
  const control = "\x01".repeat(16_383);
  const exec = parsed(matched(execRecord({}, {
    executable: `/${"long/".repeat(250)}name`,
    requested: "./name",
    args: `a\0${control}`,
    argsCount: 2,
  })));
  assert.deepEqual(exec.ebpf_agent.cut, ["process.executable", "process.args"]);
  assert.equal(exec.process.executable, `${"long/".repeat(203)}name`);
  assert.deepEqual(exec.process.args, ["a", control.slice(0, 2046)]);
  assert.equal(exec.process.args_count, 2);
  assert.equal(exec.ebpf_agent.requested.path, "./name");

  const path = `/data/${"\x01\x01/".repeat(1350)}name`;
  const open = parsed(matched(openRecord({}, {
    path: path.slice(1),
    resolved: path,
    rootSize: "/root".length,
    marks: Mark.deleted,
    cut: Cut.requested,
  })));
  assert.deepEqual(open.ebpf_agent.cut, ["file.path", "ebpf_agent.requested.path"]);
  assert.equal(open.file.path, `${"\x01\x01/".repeat(339)}name`);
  assert.equal(open.ebpf_agent.requested.path, path.slice(1, 1025));
  assert.equal(open.ebpf_agent.process, undefined);
  assert.equal(open.ebpf_agent.deleted, true);
});

Deno.test("StdoutOutput marks a long line of text as cut", () => {
  const record = matched(execRecord({}, {
    executable: "/bin/true",
    args: `true\0${"\x01".repeat(16_379)}`,
  }));
  const line = new TextDecoder().decode(written(FORMATS.text, record));
  assert.match(line, / executed: \/bin\/true (?:\\x01){2043}\\\.\.\. \\\(rule: shadow-read\)\n$/);
});
