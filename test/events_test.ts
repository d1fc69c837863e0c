/** The JSON events of a generator that knows what it did are exactly these. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { decodeText, encodeHex, encodeText } from "./harness/bytes.ts";
import { at, compareWithRun, eventsOf, parseEvents } from "./harness/events.ts";
import { type JsonEvent, PATH_BYTES } from "./harness/expected.ts";
import { kernelTest } from "./harness/kernel.ts";
import { KINDS } from "./harness/ledger.ts";
import type { Run } from "./harness/load.ts";
import { sample } from "./harness/metrics.ts";
import { output } from "./harness/process.ts";
import { record, type Recording } from "./harness/recording.ts";

const OPERATIONS: readonly (readonly [what: string, ...operations: readonly string[]])[] = [
  ["opens of every kind, and refused ones", "opens"],
  ["opens of paths that the kernel refuses to read", "bad-opens"],
  ["processes and threads, with the process id also from a second thread", "clones"],
  ["a worker that the kernel starts for io_uring: nothing", "io-worker"],
  ["a process in a PID namespace, by its id outside", "pid-namespace"],
  ["programs, with their arguments whole or marked as cut", "execs"],
  ["programs that could not be executed", "refused-execs"],
  ["changes of the effective user, and of nothing else", "users"],
  ["a setuid-root program", "setuid-program"],
  ["32-bit calls with numbers that mean an open to others: nothing", "ia32-phantoms"],
  ["32-bit opens, execs and changes of user", "ia32-real"],
];

for (const [what, ...operations] of OPERATIONS) {
  kernelTest(`events tell exactly of ${what}`, async () => {
    const recording = await record(operations);
    assertExact(recording);
    assertCountersRose(recording);
  });
}

kernelTest("events are all that was seen, one line each, numbered in order", async () => {
  const { events, ledger, end, agentPid } = await record(["burst=5000", "clones", "execs"]);
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(events.map((event) => at(event, "event.sequence")), events.map((_, i) => i + 1));
  for (const kind of KINDS) {
    const { seen, filtered, lost, missed } = ledger[kind];
    const delivered = events.filter((event) => at(event, "event.action") === ACTIONS[kind]).length;
    assert.deepEqual(
      { seen, lost, missed },
      { seen: delivered + filtered, lost: 0, missed: 0 },
      `${kind}: ${delivered} events and ${filtered} filtered\n${end.stderr}`,
    );
  }
  const own = events.filter((event) => at(event, "process.pid") === agentPid);
  assert.deepEqual(own, [], "the agent's own events are counted and not delivered");
});

kernelTest("events of a burst are as many as it did", async () => {
  const { run, events, ledger } = await record(["burst=5000"]);
  const opens = eventsOf(events, run).filter((event) =>
    at(event, "ebpf_agent.requested.path") === "file"
  );
  assert.equal(opens.length, run.stormOpens, JSON.stringify(ledger.open));
});

kernelTest("events stand in order of time, within what two CPUs do at once", async () => {
  const { run, events } = await record(["opens", "clones"]);
  // One process that waits for its children: its events follow from each other.
  const own = eventsOf(events, run);
  const times = own.map((event) => String(event["@timestamp"]));
  assert.deepEqual(times, times.toSorted());
  for (const time of times) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
});

kernelTest("an open's JSON is what the documentation says, to the letter", async () => {
  const { run, end } = await record(["open=524288:2f6574632f686f73746e616d65"]);
  const { ino, dev } = await Deno.stat("/etc/hostname");
  const line = lineOf(end.stdout, run, "/etc/hostname");
  const ppid = run.deeds[0]?.ppid;
  assert.equal(
    line.replace(/"@timestamp":"[^"]+"/, '"@timestamp":"T"').replace(
      /"sequence":\d+/,
      '"sequence":N',
    ),
    '{"@timestamp":"T","event":{"kind":"event","category":["file"],"type":["access"],' +
      '"action":"open","outcome":"success","sequence":N},' +
      `"process":{"pid":${run.pid},"thread":{"id":${run.pid}},"name":"eagent-load",` +
      `"parent":{"pid":${ppid}},"user":{"id":"0"}},` +
      `"file":{"path":"/etc/hostname","inode":"${ino}"},` +
      `"ebpf_agent":{"schema":1,"flags":"O_RDONLY|O_CLOEXEC","fd":3,"device":"${deviceOf(dev)}"}}`,
  );
});

kernelTest("paths of programs deep down are whole, or marked as cut", async () => {
  const deep = [[15, 200], [19, 200], [30, 2], [100, 2], [300, 2]].map(([depth = 0, length = 0]) =>
    Array.from({ length: depth }, (_, i) => "abcdefgh".charAt(i % 8).repeat(length)).join("/")
  );
  const operations = deep.map((path) => `exec=${encodeHex(encodeText(`${path}/p`))}`);
  const { run, events } = await record(operations, { folders: deep });
  const told = new Map(
    eventsOf(events, run).filter((event) => at(event, "event.action") === "exec")
      .map((event) => [at(event, "process.pid"), event]),
  );
  for (const deed of run.deeds) {
    if (deed.did !== "exec" || !deed.executable) continue;
    const real = decodeText(deed.executable);
    const event = told.get(deed.pid) ?? {};
    const path = String(at(event, "process.executable"));
    const whole = at(event, "ebpf_agent.cut") === undefined;
    // Of a path that is too deep the head is missing.
    assert.ok(
      whole ? path === real : path.length > 100 && real.endsWith(path),
      `${path} for ${real}`,
    );
  }
});

kernelTest(
  "paths of files and programs are whole up to 4,095 bytes, and marked as cut beyond",
  async () => {
    const root = await Deno.makeTempDir({ prefix: "long-" });
    const folder = `${root}${`/${"d".repeat(200)}`.repeat(19)}`;
    const names = [4095, 4096, 4097].map((size) => "n".repeat(size - folder.length - 1));
    const copied = names.map((name) => `cp /bin/true ${name}; ./${name}`).join("; ");
    await using agent = await Agent.start({ args: ["--output=json"], stdout: "collected" });
    // By relative paths, as no other leads there.
    await output(["sh", "-c", `mkdir -p ${folder}; cd ${folder}; ${copied}; rm -r ${root}`]);
    const events = parseEvents((await agent.stop()).stdout);
    for (const name of names) {
      const path = `${folder}/${name}`;
      const whole = path.length <= PATH_BYTES;
      for (
        const [key, action] of [["file.path", "open"], ["process.executable", "exec"]] as const
      ) {
        const told = events.filter((event) =>
          at(event, "event.action") === action && String(at(event, key)).endsWith(`d/${name}`)
        );
        assert.notEqual(told.length, 0, `${action}s of ${path.length} bytes`);
        for (const event of told) {
          const context = `${action} of ${path.length} bytes: ${JSON.stringify(event)}`;
          // The head that is missing is one component.
          assert.equal(
            at(event, key),
            whole ? path : path.slice(path.indexOf("/", 1) + 1),
            context,
          );
          assert.deepEqual(at(event, "ebpf_agent.cut"), whole ? undefined : [key], context);
        }
      }
    }
  },
);

kernelTest(
  "files deeper than is walked are cut, and not said to lie outside of a root",
  async () => {
    const root = await Deno.makeTempDir({ prefix: "deep-" });
    const depths = Array.from({ length: 40 }, (_, index) => 100 + index);
    // A root that is a mount, whose own root counts as a step.
    const opens = `chroot $ARGV[0]; chdir "/"; open F, "<", ("d/" x $_)."file" for (${depths});`;
    const tree = `cd ${root}; for i in $(seq 139); do mkdir d; cd d; touch file; done; cat file`;
    const script = `mount -t tmpfs tmpfs ${root}; ${tree}; exec perl -e '${opens}' ${root}`;
    await using agent = await Agent.start({ args: ["--output=json"], stdout: "collected" });
    await output(["unshare", "-m", "sh", "-ec", script]);
    const events = parseEvents((await agent.stop()).stdout);
    await Deno.remove(root);
    const requested = (event: JsonEvent) =>
      String(at(event, "ebpf_agent.requested.path") ?? at(event, "file.path"));
    const named = events.filter((event) =>
      ["cat", "perl"].includes(String(at(event, "process.name"))) &&
      /^(d\/)*file$/.test(requested(event))
    );
    assert.equal(named.length, depths.length + 1);
    for (const event of named) {
      const context = JSON.stringify(event);
      assert.equal(at(event, "ebpf_agent.outside_root"), undefined, context);
      const seen = at(event, "ebpf_agent.process.path");
      // The path asked for, which starts at the process's root.
      if (seen !== undefined) assert.equal(seen, `/${requested(event)}`, context);
      else assert.deepEqual(at(event, "ebpf_agent.cut"), ["file.path"], context);
    }
    const whole = named.filter((event) => at(event, "ebpf_agent.cut") === undefined);
    assert.ok(whole.length > 10 && whole.length < 30, `${whole.length} whole`);
  },
);

kernelTest("files that have no name are marked, and others are not", async () => {
  const folder = await Deno.makeTempDir({ prefix: "nameless-" });
  await using agent = await Agent.start({ args: ["--output=json"], stdout: "collected" });
  const script = `echo x | cat /proc/self/fd/0; mkfifo fifo; echo x >fifo & cat fifo; ls /`;
  await output(["sh", "-c", `cd ${folder}; ${script}; rm -r ${folder}`]);
  const events = parseEvents((await agent.stop()).stdout);
  const marks = (path: string) =>
    new Set(
      events.filter((event) => at(event, "file.path") === path)
        .map((event) => at(event, "ebpf_agent.nameless")),
    );
  assert.deepEqual(marks("/proc/self/fd/0"), new Set([true]));
  assert.deepEqual(marks(`${folder}/fifo`), new Set([undefined]));
  assert.deepEqual(marks("/"), new Set([undefined]));
});

kernelTest("--args=none keeps arguments in the kernel", async () => {
  const { run, events, end } = await record(["execs"], { args: ["--args=none"] });
  const execs = eventsOf(events, run).filter((event) => at(event, "event.action") === "exec");
  assert.ok(execs.length > 10, `${execs.length} execs`);
  for (const event of execs) {
    assert.equal(at(event, "process.args"), undefined, JSON.stringify(event));
    assert.notEqual(at(event, "process.executable"), undefined, JSON.stringify(event));
  }
  assert.ok(!new TextDecoder().decode(end.stdout).includes("two words"));
});

kernelTest("--events=none delivers nothing and counts all", async () => {
  const { run, before, after, ledger, end } = await record(["burst=1000"], {
    args: ["--events=none"],
  });
  assert.equal(end.stdout.length, 0);
  assert.equal(ledger.open.seen, ledger.open.filtered);
  const rise = sample(after, "sys_openat_calls_total") - sample(before, "sys_openat_calls_total");
  assert.ok(rise >= run.stormOpens, `${rise} counted of ${run.stormOpens}`);
});

kernelTest("--filter.comm, --filter.uid and --filter.pid deliver only what they name", async () => {
  const byName = await record(["opens"], { args: ["--filter.comm=eagent-load"] });
  assert.deepEqual(names(byName.events), ["eagent-load"]);
  assert.ok(byName.ledger.open.filtered > 0, JSON.stringify(byName.ledger));
  const byUser = await record(["users"], {
    args: ["--filter.uid=65534", "--filter.comm=eagent-load", "--filter.comm=other"],
  });
  assert.deepEqual(
    [...new Set(byUser.events.map((event) => at(event, "process.user.id")))],
    ["65534"],
    JSON.stringify(byUser.events),
  );
  const nobody = await record(["opens"], { args: ["--filter.pid=4194303"] });
  assert.deepEqual(nobody.events, []);
});

const ACTIONS = { exec: "exec", clone: "fork", open: "open", privilege: "setuid" } as const;

function assertExact({ run, events, ledger, end }: Recording): void {
  const difference = compareWithRun(events, run);
  const context = `${JSON.stringify(ledger)}\n${end.stderr}`;
  assert.deepEqual(difference, { missing: [], unexpected: [] }, describe(difference, context));
  assert.equal(end.code, 0, end.stderr);
}

function describe(
  { missing, unexpected }: {
    readonly missing: readonly string[];
    readonly unexpected: readonly string[];
  },
  context: string,
): string {
  const list = (lines: readonly string[]) =>
    lines.map((line) =>
      `  ${line.length > 1500 ? `${line.slice(0, 1500)}... (${line.length})` : line}`
    )
      .join("\n");
  return `\ndone and not told:\n${list(missing)}\ntold and not done:\n${
    list(unexpected)
  }\n${context}`;
}

function assertCountersRose({ run, before, after }: Recording): void {
  const counters = [
    ["open", "sys_openat_calls_total"],
    ["exec", "ebpf_exec_events_total"],
    ["fork", "sys_clone_calls_total"],
  ] as const;
  for (const [did, name] of counters) {
    const done = run.deeds.filter((deed) => deed.did === did).length;
    const rise = sample(after, name) - sample(before, name);
    assert.ok(rise >= done, `${name} rose by ${rise}, the generator did ${done}`);
  }
}

function names(events: readonly JsonEvent[]): readonly unknown[] {
  return [...new Set(events.map((event) => at(event, "process.name")))];
}

function lineOf(stdout: Uint8Array, run: Run, path: string): string {
  const lines = new TextDecoder().decode(stdout).split("\n");
  const index = parseEvents(stdout).findIndex((event) =>
    at(event, "file.path") === path && at(event, "process.pid") === run.pid
  );
  return lines[index] ?? `there is no open of ${path}`;
}

/** `major:minor` of a device number as glibc lays it out (sys/sysmacros.h), below 4,096 each. */
function deviceOf(dev: number): string {
  return `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xf00)}`;
}
