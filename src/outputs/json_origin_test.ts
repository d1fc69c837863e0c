/** Lines of events that tell their origin, and the rules that matched them. @module */
import assert from "node:assert/strict";
import { NO_DESCRIPTOR } from "../events/layout.gen.ts";
import { namesOf, ruleOf } from "../rules/rule_fixture.ts";
import { hostileName, randomNumbers } from "./hostile_fixture.ts";
import { createJsonFormat } from "./json_lines.ts";
import {
  CLOCK,
  cloneRecord,
  execRecord,
  type FixtureRecord,
  lineOf,
  openRecord,
  type OriginFixture,
  privilegeRecord,
  withOrigin,
} from "./record_fixture.ts";
import { createTextFormat } from "./text.ts";

const TASK = { comm: "cat", pid: 12, ppid: 11, uid: 0 };
const EXEC = execRecord(TASK, { executable: "/usr/bin/cat", realUid: 1000 });
const ANCESTORS = [{ pid: 11, comm: "bash" }, { pid: 7, comm: "sshd" }, { pid: 1, comm: "init" }];
const RULES = [
  ruleOf("shadow-read", {
    severity: "high",
    technique: "T1003.008",
    labels: { team: "platform", "a b": '"' },
  }),
  ruleOf("second", { technique: "T1003.008" }),
  ...Array.from({ length: 61 }, (_, n) => ruleOf(`n${n}`)),
  ruleOf("last", { severity: "low", technique: "T1548" }),
];
const NAMES = namesOf(RULES, 3);
const json = createJsonFormat(CLOCK, { rules: NAMES });
const text = createTextFormat(CLOCK, NAMES);

function decoded(format: typeof json, record: FixtureRecord): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(lineOf(format, record));
}

function parsed(record: FixtureRecord) {
  const line = decoded(json, record);
  assert.equal(line.indexOf("\n"), line.length - 1);
  return JSON.parse(line);
}

Deno.test("createJsonFormat() writes an exec with its origin to the letter", () => {
  const record = withOrigin(EXEC, {
    loginUid: 1000,
    loginSession: 3,
    sessionLeader: 9,
    container: true,
    tty: { name: "pts3", major: 136, minor: 3 },
    ancestors: ANCESTORS,
  });
  assert.equal(
    decoded(json, record),
    '{"@timestamp":"2025-11-21T18:33:20.123456789Z","event":{"kind":"event",' +
      '"category":["process"],"type":["start"],"action":"exec","outcome":"success","sequence":1},' +
      '"process":{"pid":12,"thread":{"id":12},"name":"cat","executable":"/usr/bin/cat",' +
      '"real_user":{"id":"1000"},"parent":{"pid":11,"name":"bash"},"user":{"id":"0"},' +
      '"session_leader":{"pid":9},"tty":{"char_device":{"major":136,"minor":3}}},' +
      '"ebpf_agent":{"schema":1,"login":{"user":{"id":"1000"},"session":3},"tty":"pts/3",' +
      '"container":true,"ancestors":[{"pid":11,"name":"bash"},{"pid":7,"name":"sshd"},' +
      '{"pid":1,"name":"init"}]}}\n',
  );
});

Deno.test("createJsonFormat() leaves out of an origin what is not there", () => {
  const bare = parsed(withOrigin(EXEC, {}));
  assert.deepEqual(bare.ebpf_agent, { schema: 1 });
  assert.deepEqual(bare.process.parent, { pid: 11 });
  assert.deepEqual(bare.process.session_leader, { pid: 0 });
  assert.equal(bare.process.tty, undefined);
  const login = (origin: OriginFixture) => parsed(withOrigin(EXEC, origin)).ebpf_agent.login;
  assert.deepEqual(login({ loginUid: 0 }), { user: { id: "0" } });
  assert.deepEqual(login({ loginSession: 0 }), { session: 0 });
  const console = parsed(withOrigin(EXEC, { tty: { name: "ttyS0", major: 4, minor: 64 } }));
  assert.equal(console.ebpf_agent.tty, "ttyS0");
  const same = parsed(withOrigin(execRecord(TASK, { executable: "/bin/ls" }), {}));
  assert.equal(same.process.real_user, undefined);
});

Deno.test("createJsonFormat() tells ancestors up to pid 1, or as many as are known", () => {
  const pidsOf = (pids: readonly number[]) =>
    parsed(withOrigin(EXEC, { ancestors: pids.map((pid) => ({ pid, comm: `p${pid}` })) }))
      .ebpf_agent.ancestors?.map(({ pid, name }: { pid: number; name: string }) => {
        assert.equal(name, `p${pid}`);
        return pid;
      });
  assert.deepEqual(pidsOf([5, 4, 3, 2, 9]), [5, 4, 3, 2, 9]);
  assert.deepEqual(pidsOf([5, 1, 9, 8, 7]), [5, 1]);
  assert.deepEqual(pidsOf([1, 0, 0, 0, 0]), [1]);
  assert.deepEqual(pidsOf([2, 0, 0, 0, 0]), [2]);
  assert.equal(pidsOf([0, 0, 0, 0, 0]), undefined);
});

Deno.test("createJsonFormat() tells the origin of every kind of event", () => {
  const origin = { loginUid: 1000, ancestors: ANCESTORS };
  const records = [
    openRecord(TASK, { path: "/etc/shadow", result: NO_DESCRIPTOR }),
    openRecord(TASK, { path: "/etc/shadow", result: -13 }),
    cloneRecord(TASK, { pid: 13, tid: 13 }),
    privilegeRecord(TASK, 1000, 0),
    execRecord(TASK, { requested: "/bin/x", error: -2 }),
  ];
  for (const record of records) {
    const plain = parsed(record);
    const told = parsed(withOrigin(record, origin));
    assert.deepEqual(told, {
      ...plain,
      process: {
        ...plain.process,
        parent: { pid: 11, name: "bash" },
        session_leader: { pid: 0 },
      },
      ebpf_agent: {
        ...plain.ebpf_agent,
        login: { user: { id: "1000" } },
        ancestors: ANCESTORS.map(({ pid, comm }) => ({ pid, name: comm })),
      },
    });
    assert.equal(decoded(text, withOrigin(record, origin)), decoded(text, record));
  }
});

Deno.test("createJsonFormat() keeps the bytes of ancestors and terminals that are not UTF-8", () => {
  const invalid = Uint8Array.of(0x61, 0xff);
  const event = parsed(withOrigin(EXEC, {
    tty: { name: invalid, major: 4, minor: 0 },
    ancestors: [{ pid: 11, comm: invalid }, { pid: 7, comm: "sh" }],
  }));
  assert.deepEqual(event.ebpf_agent.raw, {
    process: { parent: { name: "Yf8=" } },
    ebpf_agent: { tty: "Yf8=", ancestors: [{ name: "Yf8=" }, { name: "c2g=" }] },
  });
  assert.equal(event.process.parent.name, "a\ufffd");
});

Deno.test("createJsonFormat() writes origins of any names", () => {
  const next = randomNumbers(21);
  for (let i = 0; i < 2000; i++) {
    const comms = Array.from(
      { length: 5 },
      () => hostileName(next, 16).filter((byte) => byte !== 0),
    );
    const record = withOrigin(EXEC, { ancestors: comms.map((comm, n) => ({ pid: 90 - n, comm })) });
    const told = parsed(record).ebpf_agent;
    const expected = comms.map((comm) =>
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(comm)
    );
    assert.deepEqual(told.ancestors.map(({ name }: { name: string }) => name), expected);
    told.raw?.ebpf_agent?.ancestors?.forEach(({ name }: { name: string }, n: number) => {
      assert.equal(name, btoa(String.fromCharCode(...comms[n])));
    });
    const isReplaced = expected.some((name, n) =>
      new TextEncoder().encode(name).toString() !== comms[n].toString()
    );
    assert.equal(told.raw?.ebpf_agent !== undefined, isReplaced);
  }
});

Deno.test("formats tell the rule that matched", () => {
  const open = openRecord(TASK, { path: "/etc/shadow" });
  const record = withOrigin(open, { ruleSet: 3, rules: [0, 1] });
  const event = parsed(record);
  assert.deepEqual(event.rule, { name: "shadow-read" });
  assert.deepEqual(event.threat, { technique: { id: "T1003.008" } });
  assert.deepEqual(event.ebpf_agent.rule, {
    severity: "high",
    labels: { team: "platform", "a b": '"' },
  });
  assert.match(decoded(text, record), / opened file: \/etc\/shadow \\\(rule: shadow-read\)\n$/);
});

Deno.test("createTextFormat() lets no name say that a rule matched", () => {
  const end = " \\(rule: shadow-read)";
  const told = decoded(
    text,
    withOrigin(openRecord(TASK, { path: "/a" }), { ruleSet: 3, rules: [0, 1] }),
  );
  assert.ok(told.endsWith(`${end}\n`));
  const forgers = [
    openRecord(TASK, { path: `/a${end}` }),
    openRecord(TASK, { path: "/a (rule: shadow-read)" }),
    execRecord(TASK, { executable: "/a", args: `a\0(rule: shadow-read)\0` }),
    execRecord(TASK, { executable: "/a", args: `a\0${end.trim()}\0` }),
  ];
  for (const forger of forgers) assert.ok(!decoded(text, forger).includes(end));
});

Deno.test("formats tell several rules in their order, of both halves of the mask", () => {
  const record = withOrigin(cloneRecord(TASK, { pid: 13, tid: 13 }), {
    ruleSet: 3,
    rules: [2 ** 31, 3],
  });
  const event = parsed(record);
  assert.deepEqual(event.rule, { name: ["shadow-read", "second", "last"] });
  assert.deepEqual(event.threat, { technique: { id: ["T1003.008", "T1548"] } });
  assert.deepEqual(event.ebpf_agent.rule, [
    { severity: "high", labels: { team: "platform", "a b": '"' } },
    { severity: "medium" },
    { severity: "low" },
  ]);
  assert.match(
    decoded(text, record),
    /\) called sys_clone \\\(rules: shadow-read, second, last\)\n$/,
  );
});

Deno.test("formats tell no rule of a set that nobody knows", () => {
  const record = withOrigin(EXEC, { ruleSet: 4, rules: [0, 1] });
  assert.equal(parsed(record).rule, undefined);
  assert.equal(decoded(text, record), decoded(text, EXEC));
});

Deno.test("createJsonFormat() tells who ran a command by sudo", () => {
  const sudo = { current: { user: "deploy", target: 'ro"ot' } };
  const format = createJsonFormat(CLOCK, { sudo });
  const event = JSON.parse(decoded(format, withOrigin(EXEC, {})));
  assert.deepEqual(event.ebpf_agent.sudo, sudo.current);
});

Deno.test("maxLineSize() and maxRuleSize() suffice for the worst origins", () => {
  const all = 2 ** 32 - 1;
  for (const byte of [0x01, 0x22, 0x80, 0xe2, 0xff]) {
    const comm = new Uint8Array(16).fill(byte);
    const task = { comm, pid: all, tid: all, ppid: all, uid: all, time: 2n ** 64n - 1n };
    const origin = {
      ruleSet: 3,
      rules: [all, all] as const,
      loginUid: all - 1,
      loginSession: all - 1,
      sessionLeader: all,
      container: true,
      tty: { name: new Uint8Array(16).fill(byte), major: all, minor: all },
      ancestors: Array.from({ length: 5 }, () => ({ pid: all, comm })),
    };
    const users = { user: "\x01".repeat(32), target: "\x01".repeat(32) };
    const formats = [
      json,
      text,
      createJsonFormat(CLOCK, { rules: NAMES, sudo: { current: users } }),
    ];
    for (const format of formats) {
      for (const event of [privilegeRecord(task, all, all), execRecord(task, { previous: comm })]) {
        // lineOf() gives no more room than the format asks for: a line that is longer throws.
        assert.equal(lineOf(format, withOrigin(event, origin)).at(-1), 0x0a);
      }
    }
  }
});
