/** As nobody, with CAP_BPF and CAP_PERFMON and nothing else, every kind of event is told. @module */
import assert from "node:assert/strict";
import { Agent, type AgentEnd, runAgent } from "./harness/agent.ts";
import { denying } from "./harness/deny.ts";
import { compareWithRun, type Difference, parseEvents } from "./harness/events.ts";
import { assertClosed, type FinalLedger } from "./harness/final_ledger.ts";
import { kernelTest } from "./harness/kernel.ts";
import { KINDS } from "./harness/ledger.ts";
import { Load } from "./harness/load.ts";
import { type Metrics, sample } from "./harness/metrics.ts";
import { Nobody } from "./harness/nobody.ts";
import { output } from "./harness/process.ts";

const OPERATIONS = ["opens", "clones", "execs", "refused-execs", "users", "setuid-program"];
const COUNTERS = {
  exec: "ebpf_exec_events_total",
  clone: "sys_clone_calls_total",
  open: "sys_openat_calls_total",
} as const;
/** CAP_BPF is bit 39, CAP_PERFMON bit 38 (linux/capability.h). */
const BPF_AND_PERFMON = "000000c000000000";

kernelTest("nobody with CAP_BPF and CAP_PERFMON is told all, by a perf buffer", async () => {
  assertAllTold(await record("perf", []));
});

for (const errno of ["EPERM", "EACCES"] as const) {
  kernelTest(
    `nobody is told all by a BPF ring buffer where perf_event_open is refused (${errno})`,
    async () => assertAllTold(await record("ring", await denying(errno, "perf_event_open"))),
  );
}

kernelTest(
  "nobody with little memory to lock is told all but what a small ring loses",
  async () => {
    const { missing, unexpected, ledger, end } = await record("perf", LITTLE_MEMORY);
    assert.match(end.stderr, /WARN.*using a smaller one pages=\d+ wanted=\d+/);
    assert.deepEqual(unexpected, []);
    // Whoever else is at work shares the ring: none of it is lost on a machine at rest.
    const gone = KINDS.reduce((sum, kind) => sum + ledger[kind].lost + ledger[kind].dropped, 0);
    assert.ok(missing.length <= gone, `${missing.length} not told, ${gone} lost or dropped`);
  },
);

kernelTest("nobody is told what --bpf.stats asks for", async () => {
  await using nobody = await Nobody.create();
  const args = ["run", "--bpf.stats", "--web.listen-address=127.0.0.1:0", "--duration=100ms"];
  const { code, stderr } = await runAgent(args, nobody.with(["bpf", "perfmon"]));
  assert.equal(code, 3, stderr);
  assert.match(stderr, /EPERM.*Run as root or with CAP_SYS_ADMIN, or leave out --bpf\.stats/);
});

const LITTLE_MEMORY = ["prlimit", "--memlock=65536:65536"];

interface Recording extends Difference {
  readonly ledger: FinalLedger;
  readonly end: AgentEnd;
}

/** What an agent run by nobody tells of the generator's operations; counters and ledger are right. */
async function record(transport: string, inFront: readonly string[]): Promise<Recording> {
  await using nobody = await Nobody.create();
  await using load = await Load.create();
  await using agent = await Agent.start({
    ...nobody.with(["bpf", "perfmon"], inFront),
    args: ["--output=json"],
    stdout: "collected",
  });
  await assertUnprivileged(agent.pid);
  const before = await agent.metrics();
  const run = await load.run(...OPERATIONS);
  const after = await agent.metrics();
  const end = await agent.stop();
  assert.equal(sample(after, "ebpf_agent_transport", { transport }), 1, end.stderr);
  assertCounted(before, after, run.deeds.map(({ did }) => did));
  const ledger = assertClosed(end);
  return { ...compareWithRun(parseEvents(end.stdout), run), ledger, end };
}

function assertAllTold({ missing, unexpected, ledger, end }: Recording): void {
  for (const kind of KINDS) assert.ok(ledger[kind].emitted > 0, `${kind}: ${end.stderr}`);
  const some = [...missing, ...unexpected].slice(0, 5).map((line) => line.slice(0, 500));
  assert.ok(
    some.length === 0,
    `${missing.length} deeds were not told, ${unexpected.length} events are of no deed:\n` +
      `${some.join("\n")}\n${end.stderr}`,
  );
}

/** What the wrapper is for, told by the kernel. */
async function assertUnprivileged(pid: number): Promise<void> {
  const status = await output(["cat", `/proc/${pid}/status`]);
  for (const set of ["CapEff", "CapPrm", "CapBnd"]) {
    assert.match(status, new RegExp(`^${set}:\\s+${BPF_AND_PERFMON}$`, "m"));
  }
  assert.match(status, /^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
}

function assertCounted(before: Metrics, after: Metrics, deeds: readonly string[]): void {
  const did = { exec: "exec", clone: "fork", open: "open" } as const;
  for (const kind of ["exec", "clone", "open"] as const) {
    const rise = sample(after, COUNTERS[kind]) - sample(before, COUNTERS[kind]);
    const done = deeds.filter((deed) => deed === did[kind]).length;
    assert.ok(rise >= done, `${COUNTERS[kind]} rose by ${rise}, the generator did ${done}`);
  }
}
