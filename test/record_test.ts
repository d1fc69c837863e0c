/** The command `record`: a file that holds what happened, and a ledger that closes over it. @module */
import assert from "node:assert/strict";
import { factsOf } from "../src/recordings/facts.ts";
import { readRecording, type Source } from "../src/recordings/reader.ts";
import type { EventFacts } from "../src/rules/facts.ts";
import { Agent, type AgentEnd, runAgent } from "./harness/agent.ts";
import { decodeText } from "./harness/bytes.ts";
import { assertClosed, type FinalLedger } from "./harness/final_ledger.ts";
import { kernelTest } from "./harness/kernel.ts";
import { Load, LOAD_NAME } from "./harness/load.ts";
import { output, run, until } from "./harness/process.ts";

/** A folder on a disk of its own size, which is taken away with it. */
class SmallDisk implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync({ prefix: "small-disk-" });

  static async mount(size: string): Promise<SmallDisk> {
    const disk = new SmallDisk();
    await output(["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk.path]);
    return disk;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await output(["umount", this.path]);
    await Deno.remove(this.path);
  }
}

function sourceOf(path: string): Source {
  const bytes = Deno.readFileSync(path);
  return { name: path, size: bytes.length, read: (at, size) => bytes.slice(at, at + size) };
}

function factsIn(path: string): readonly EventFacts[] {
  return [...readRecording(sourceOf(path))].map(({ view, at }) => factsOf(view, at));
}

kernelTest(
  "record writes every event to a file of its owner's, and tells the rest on stderr",
  async () => {
    await using load = await Load.create();
    const file = `${load.folder}/events.rec`;
    await using agent = await Agent.start({ command: ["record", file], stdout: "piped" });
    const { deeds } = await load.run("opens", "clones", "execs");
    const { code, stdout, stderr } = await agent.stop();
    assert.deepEqual([code, stdout.length], [0, 0], stderr);
    assert.match(stderr, /record emitted \d+ \+ dropped 0 \+ queued 0;.*\nThe ledger closes\n$/s);
    assert.equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
    const inFolder = (path: string | undefined) => path?.startsWith(load.folder) === true;
    const recorded = factsIn(file).filter(({ on, comm, path }) =>
      on === "open" && comm === LOAD_NAME && inFolder(path)
    ).map(({ path }) => path);
    const done = deeds.flatMap((deed) =>
      deed.did === "open" && deed.resolved !== undefined ? [decodeText(deed.resolved)] : []
    ).filter(inFolder);
    assert.ok(done.length > 0);
    assert.deepEqual(recorded.toSorted(), done.toSorted());
  },
);

kernelTest("record keeps within its files' size and number while it is stormed at", async () => {
  await using load = await Load.create();
  const file = `${load.folder}/events.rec`;
  await using agent = await Agent.start({
    command: ["record", file],
    args: ["--record.max-size=1MiB", "--record.keep=1", "--events=open"],
  });
  const { stormOpens } = await load.run("burst=40000");
  assert.equal(stormOpens, 40_000);
  const { code, stderr } = await agent.stop();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /The ledger closes\n$/);
  const names = [...Deno.readDirSync(load.folder)].map(({ name }) => name)
    .filter((name) => name.startsWith("events.rec")).sort();
  assert.deepEqual(names, ["events.rec", "events.rec.1"]);
  for (const name of names) {
    assert.ok(Deno.statSync(`${load.folder}/${name}`).size <= 2 ** 20);
    assert.ok(factsIn(`${load.folder}/${name}`).length > 0);
  }
});

kernelTest("record counts what a full disk refuses, and what it took can be read", async () => {
  await using load = await Load.create();
  await using disk = await SmallDisk.mount("256k");
  const file = `${disk.path}/events.rec`;
  await using agent = await Agent.start({ command: ["record", file], args: ["--events=open"] });
  const empty = Deno.statSync(file).size;
  // Little at first: what a busy machine writes at once may have no room at all.
  await load.run("burst=100");
  await until("something is recorded", () => Deno.statSync(file).size > empty ? true : undefined);
  await load.run("burst=20000");
  await until("the log tells of the full disk", () => /ENOSPC/.exec(agent.stderr) ?? undefined);
  const ledger = assertIncomplete(await agent.stop());
  assert.ok(ledger.open.emitted > 0);
  assert.ok(ledger.open.dropped > 0);
  assert.equal(countWhole(file), ledger.open.emitted);
});

kernelTest("record fails where only its end finds that the disk is full", async () => {
  await using load = await Load.create();
  await using disk = await SmallDisk.mount("8k");
  await using agent = await Agent.start({ command: ["record", `${disk.path}/events.rec`] });
  await load.run("burst=1000");
  const end = await agent.stop();
  const ledger = assertIncomplete(end);
  assert.match(end.stderr, /ERROR +Cannot write events to record because=".*: ENOSPC"/);
  assert.match(end.stderr, /WARN +Events are dropped/);
  assert.equal(ledger.open.emitted, 0);
  assert.ok(ledger.open.dropped >= 1000);
});

/** A recording that lacks what a full disk refused, as the exit code tells beside a closed ledger. */
function assertIncomplete({ code, stderr }: AgentEnd): FinalLedger {
  const told = /The ledger closes\nebpf-agent: Not everything is in the recording: .*: ENOSPC\n$/;
  assert.deepEqual([code, told.test(stderr)], [1, true], stderr);
  return assertClosed({ code: 0, stderr });
}

/** Records of a file that may lack its end, for which the disk may have no room either. */
function countWhole(path: string): number {
  let count = 0;
  try {
    for (const _ of readRecording(sourceOf(path))) count++;
  } catch (error) {
    assert.match(String(error), /: it was cut, or is still being written/);
  }
  return count;
}

kernelTest("test reads what record wrote", async () => {
  await using load = await Load.create();
  const file = `${load.folder}/events.rec`;
  await using agent = await Agent.start({ command: ["record", file] });
  await load.run("opens", "execs");
  await agent.stop();
  const rules = `${load.folder}/rules.yaml`;
  await Deno.writeTextFile(
    rules,
    JSON.stringify({
      rules: [
        { name: "files", on: "open", path: `${load.folder}/**` },
        { name: "nothing", on: "open", path: "/nowhere/**" },
      ],
    }),
  );
  const { code, stdout, stderr } = await runAgent(["test", rules, `--events=${file}`]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /: \d+ events, of which match\n {2}files {4}[1-9]\d*\n {2}nothing {2}0\n/);
  assert.match(stdout, /\nNothing is compared with what matched when it was recorded/);
  assert.match(stdout, /\n2 rules, \d+ events, and nothing says .*: nothing to compare\n$/);
  await Deno.truncate(file, Deno.statSync(file).size - 10);
  const cut = await runAgent(["test", rules, `--events=${file}`]);
  assert.equal(cut.code, 2);
  assert.match(
    cut.stdout,
    /: \d+ events? before the damage, of which match\n {2}files {4}\d+\n {2}nothing {2}0\n/,
  );
  assert.match(cut.stderr, /^ebpf-agent: Cannot read .* from byte \d+ on: it was cut in block \d+/);
  await Deno.truncate(file, 100);
  const headless = await runAgent(["test", rules, `--events=${file}`]);
  assert.deepEqual([headless.code, headless.stdout], [
    2,
    "2 rules, no events: nothing to compare\n",
  ]);
});

kernelTest("a failed exec has no arguments for a rule", async () => {
  await using load = await Load.create();
  const [file, config] = [`${load.folder}/events.rec`, `${load.folder}/config.yaml`];
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      rules: [{ name: "by-args", on: "exec", path: ["missing", "true"], args: "an-argument" }],
    }),
  );
  await using agent = await Agent.start({
    command: ["record", file],
    args: [`--config.file=${config}`, "--output=json", "--events=exec"],
    stdout: "collected",
  });
  const calls = `"$0/missing" an-argument; /bin/true an-argument`;
  await run(["sh", "-c", calls, load.folder]);
  const { stdout } = await agent.stop();
  const events = decodeText(stdout).trim().split("\n").map((line) => JSON.parse(line));
  const failed = events.filter(({ event, ebpf_agent }) =>
    event.outcome === "failure" && ebpf_agent.requested?.path === `${load.folder}/missing`
  );
  assert.equal(failed.length, 1);
  assert.deepEqual(
    ["executable", "args", "args_count"].filter((key) => key in failed[0].process),
    [],
  );
  const told = await runAgent(["test", config, `--events=${file}`]);
  assert.match(told.stdout, /\n {2}by-args {2}1\n/);
  assert.match(told.stdout, /\n1 rule, [1-9]\d* events? compared: all as expected\n$/);
});

Deno.test("record refuses what it cannot write to, before it starts", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cases: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
      [[], 2, /record: the file is missing/],
      [[folder], 2, /Cannot record to .*: something else has that name\. Name another file/],
      [[`${folder}/no/x`], 1, /Cannot create .*: ENOENT\. Give record a file/],
      [[`${folder}/x`, "--record.max-size=5"], 2, /--record\.max-size: "5" has no unit/],
      [[`${folder}/x`, "--record.keep=-1"], 2, /--record\.keep: "-1" is not a number of files/],
      [[""], 2, /record: the name of a file is empty; write one, such as agent\.rec/],
      [[`${folder}/x`, "y"], 2, /Unexpected argument "y" after "record"/],
    ];
    for (const [args, code, message] of cases) {
      const ended = await runAgent(["record", ...args]);
      assert.deepEqual([ended.code, message.test(ended.stderr)], [code, true], ended.stderr);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
