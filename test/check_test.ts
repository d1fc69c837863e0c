/** `check` on the real kernel: the right verdicts, also with one thing taken away at a time. @module */
import assert from "node:assert/strict";
import { DEEDS } from "../src/check/deeds.ts";
import type { AgentOptions } from "./harness/agent.ts";
import { check, type Checked, line, runCheck, statuses } from "./harness/check.ts";
import { denying, nativeOnly } from "./harness/deny.ts";
import { kernelTest } from "./harness/kernel.ts";
import { Nobody } from "./harness/nobody.ts";

/** Every line that there has to be, whatever is missing. */
const IDS = [
  "kernel",
  "btf",
  "lockdown",
  "tracefs",
  "capabilities",
  "perf_event_paranoid",
  "memlock",
  "libbpf",
  "port",
  "programs",
  "transport",
  "events.exec",
  "events.clone",
  "events.open",
  "events.privilege",
  "proof",
];
const PROOF_IDS = DEEDS.map(({ id }) => `proof.${id}`);
const KINDS = ["EXEC", "CLONE", "OPEN", "PRIVILEGE"];

kernelTest(
  "check as root sees every event that it makes, but for blind spots it announces",
  async () => {
    const checked = await check();
    assertSound(checked);
    const { report } = checked;
    assert.notEqual(report.verdict, "missing", JSON.stringify(report));
    const unmade = report.proof.filter(({ status }) => status === "untested");
    for (const { found } of unmade) assert.equal(found, "this kernel has no such call");
    for (const { id, status } of report.requirements.slice(0, 11)) {
      // Any of these may be worse on another machine; on one where the tests run they are not.
      assert.equal(status, "ok", `${id}: ${JSON.stringify(line(checked, id))}`);
    }
  },
);

for (const hook of ["tp_btf", "raw_tp", "tracepoint"]) {
  kernelTest(
    `check with events watched by ${hook} is blind to just what it announces`,
    async () => {
      const checked = await check({ env: forced(hook) });
      assertSound(checked);
      for (const { id, hook: inUse } of checked.report.requirements) {
        if (id.startsWith("events.")) assert.equal(inUse, hook, id);
      }
    },
  );
}

kernelTest("check with classic tracepoints is blind to 32-bit programs", async () => {
  const checked = await check({ env: forced("tracepoint") });
  assert.equal(checked.report.verdict, "degraded");
  for (const kind of ["exec", "open", "setuid"]) {
    assert.equal(statuses(checked)[`proof.${kind}_32bit`], "blind");
  }
  assert.equal(statuses(checked)["events.privilege"], "degraded");
});

kernelTest("check writes for people what it writes as JSON", async () => {
  const { report } = await check();
  const { code, stdout, stderr } = await runCheck({});
  assert.equal(stderr, "");
  assert.equal(code, report.verdict === "ok" ? 0 : 1);
  const lines = stdout.trimEnd().split("\n");
  for (const { id, status } of [...report.requirements, ...report.proof]) {
    const found = lines.filter((line) => new RegExp(`^  ${status} +${id} `).test(line));
    assert.equal(found.length, 1, `${status} ${id} in:\n${stdout}`);
  }
  assert.match(lines.at(-1) ?? "", new RegExp(`^Verdict: ${report.verdict}\\. `));
});

kernelTest("check without any capability tells which are missing", async () => {
  await using nobody = await Nobody.create();
  const checked = await check(nobody.with([]));
  assertCannotRun(checked, ["capabilities", "programs"]);
  assert.match(line(checked, "capabilities").found, /CAP_BPF and CAP_PERFMON/);
  assert.equal(statuses(checked)["perf_event_paranoid"], "degraded");
});

for (const [held, lacking] of [["bpf", "CAP_PERFMON"], ["perfmon", "CAP_BPF"]] as const) {
  kernelTest(`check without ${lacking} tells that it is missing`, async () => {
    await using nobody = await Nobody.create();
    const checked = await check(nobody.with([held]));
    assertCannotRun(checked, ["capabilities", "programs"]);
    assert.equal(line(checked, "capabilities").found, `not held: ${lacking}`);
  });
}

kernelTest("check with CAP_BPF and CAP_PERFMON alone proves what needs no more", async () => {
  await using nobody = await Nobody.create();
  const checked = await check(nobody.with(["bpf", "perfmon"]));
  assertSound(checked);
  const found = statuses(checked);
  assert.equal(found["capabilities"], "ok");
  assert.equal(found["memlock"], "degraded");
  assert.equal(found["proof.setuid"], "untested");
  assert.match(line(checked, "proof.setuid").found, /EPERM/);
  assert.match(line(checked, "tracefs").found, /EACCES/);
  assert.equal(found["tracefs"], "ok", "nothing in use needs it");
  for (const id of ["exec", "fork", "open"]) assert.equal(found[`proof.${id}`], "seen", id);
});

kernelTest("check with little memory to lock tells how small the perf buffer is", async () => {
  await using nobody = await Nobody.create();
  const limit = ["prlimit", "--memlock=65536:65536"];
  const ample = await check(nobody.with(["bpf", "perfmon", "ipc_lock"], limit));
  assert.equal(statuses(ample)["memlock"], "ok", JSON.stringify(line(ample, "memlock")));
  const checked = await check(nobody.with(["bpf", "perfmon"], limit));
  assertSound(checked);
  assert.equal(statuses(checked)["memlock"], "degraded");
  assert.match(line(checked, "memlock").found, /^0\.1 MiB; the perf buffer has \d+ pages/);
});

for (const errno of ["EPERM", "EACCES"] as const) {
  kernelTest(
    `check with perf_event_open refused (${errno}) goes by a BPF ring buffer`,
    async () => {
      const checked = await check({ wrap: await denying(errno, "perf_event_open") });
      assertSound(checked);
      assert.equal(checked.report.verdict, "degraded");
      assert.equal(statuses(checked)["perf_event_paranoid"], "degraded");
      assert.ok(line(checked, "perf_event_paranoid").found.includes(errno));
      assert.match(line(checked, "transport").found, new RegExp(`BPF ring buffer.*${errno}`));
      assert.equal(statuses(checked)["proof.openat"], "seen");
    },
  );
}

kernelTest(
  "check with perf_event_open refused and a perf buffer asked for cannot run",
  async () => {
    const wrap = await denying("EPERM", "perf_event_open");
    const checked = await check({ wrap, env: { EBPF_AGENT_TRANSPORT: "perf" } });
    assertCannotRun(checked, ["programs", "transport"]);
    assert.match(line(checked, "programs").found, /perf buffer.*EPERM/);
  },
);

kernelTest("check without tracefs needs it for classic tracepoints alone", async () => {
  const wrap = inNamespace(`umount -R /sys/kernel/tracing
    [ ! -d /sys/kernel/debug ] || mount -t tmpfs tmpfs /sys/kernel/debug`);
  const checked = await check({ wrap });
  assertSound(checked);
  assert.match(line(checked, "tracefs").found, /^cannot be read \(ENOENT\), and nothing/);
  const needed = await check({ wrap, env: forced("tracepoint") });
  assertCannotRun(needed, ["programs"]);
  assert.equal(statuses(needed)["tracefs"], "degraded");
});

kernelTest("check without BTF cannot run", async () => {
  const checked = await check({ wrap: inNamespace("mount -t tmpfs tmpfs /sys/kernel/btf") });
  assertCannotRun(checked, ["btf", "programs"]);
});

kernelTest("check without libbpf names the package", async () => {
  const checked = await check({ wrap: inNamespace(HIDE_LIBBPF) });
  assertCannotRun(checked, ["libbpf", "programs"]);
  const libbpf = line(checked, "libbpf");
  assert.ok("remedy" in libbpf && /libbpf1/.test(libbpf.remedy ?? ""), JSON.stringify(libbpf));
});

kernelTest("check tells lockdown by its mode, and the verdict by what works", async () => {
  for (const [mode, status] of [["integrity", "ok"], ["confidentiality", "degraded"]] as const) {
    const words = ["none", "integrity", "confidentiality"];
    const text = words.map((word) => word === mode ? `[${word}]` : word).join(" ");
    const hide = `mount -t tmpfs tmpfs /sys/kernel/security
      echo "${text}" >/sys/kernel/security/lockdown`;
    const checked = await check({ wrap: inNamespace(hide) });
    assertSound(checked);
    assert.equal(statuses(checked)["lockdown"], status);
    assert.match(line(checked, "lockdown").found, new RegExp(`^${mode}`));
  }
});

kernelTest("check tells a port that is taken", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const checked = await check({ env: { EBPF_AGENT_WEB_LISTEN_ADDRESS: address } });
  assertSound(checked);
  assert.equal(checked.report.verdict, "degraded");
  assert.equal(statuses(checked)["port"], "degraded");
  assert.match(line(checked, "port").found, new RegExp(`${address}.*in use`));
});

kernelTest(
  "check cannot tell what it cannot make: io_uring refused, 32-bit calls killed",
  async () => {
    const uring = await check({ wrap: await denying("EPERM", "io_uring_setup") });
    assertSound(uring);
    assert.equal(statuses(uring)["proof.open_io_uring"], "untested");
    assert.match(line(uring, "proof.open_io_uring").found, /EPERM/);
    const native = await check({ wrap: await nativeOnly() });
    assertSound(native);
    for (const id of ["exec_32bit", "fork_32bit", "open_32bit", "setuid_32bit"]) {
      assert.equal(statuses(native)[`proof.${id}`], "untested");
      assert.match(line(native, `proof.${id}`).found, /signal 31/);
    }
  },
);

kernelTest("check finds another place for its program where memory is refused", async () => {
  const wrap = await denying("EACCES", "memfd_create");
  const checked = await check({ wrap });
  assertSound(checked);
  assert.equal(statuses(checked)["proof.exec"], "seen");
  for (const folder of ["/run", "/tmp", "/var/tmp", "/dev/shm"]) {
    for (const { name } of Deno.readDirSync(folder)) {
      assert.ok(!name.startsWith("ebpf-agent-prove"), `${folder}/${name} is left behind`);
    }
  }
});

kernelTest("check that may put its program nowhere has no proof", async () => {
  const checked = await check({ wrap: await denying("EACCES", "memfd_create", "mkdir") });
  assertSound(checked);
  assert.equal(checked.report.verdict, "degraded");
  assert.equal(statuses(checked)["proof"], "degraded");
  assert.match(line(checked, "proof").found, /memory: EACCES, \/run: EACCES, \/tmp: EACCES/);
  for (const { status } of checked.report.proof) assert.equal(status, "untested");
});

kernelTest("check ends quietly where nobody reads its report", async () => {
  const wrap = ["sh", "-c", '"$@" | true', "sh"];
  const { code, stderr } = await runCheck({ wrap });
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

kernelTest("check refuses an environment that run would refuse", async () => {
  const { code, stdout, stderr } = await runCheck({ env: { EBPF_AGENT_TRANSPORT: "pigeon" } });
  assert.equal(stdout, "");
  assert.equal(code, 2);
  assert.match(stderr, /EBPF_AGENT_TRANSPORT.*pigeon/);
});

/** The library's folder with that one file taken away. */
const HIDE_LIBBPF = `
  library=$(ldconfig -p | awk '$1 == "libbpf.so.1" { print $NF; exit }')
  folder=$(dirname "$(readlink -f "$library")")
  upper=$(mktemp -d); mount -t tmpfs tmpfs "$upper"; mkdir "$upper/u" "$upper/w"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$upper/u,workdir=$upper/w" "$folder"
  rm "$folder"/libbpf.so.1*
  umount -l "$upper"; rmdir "$upper"`;

/** A mount namespace in which a script has changed something. */
function inNamespace(script: string): readonly string[] {
  const whole = `set -e\n${script}\nexec "$@"`;
  return ["unshare", "--mount", "--propagation=private", "sh", "-c", whole, "sh"];
}

function forced(hook: string): NonNullable<AgentOptions["env"]> {
  return Object.fromEntries(KINDS.map((kind) => [`EBPF_AGENT_PROBE_${kind}`, hook]));
}

/** A whole report that agrees with itself: nothing missed but what is announced. */
function assertSound({ code, report, stderr }: Checked): void {
  const context = JSON.stringify(report, undefined, 2);
  assert.equal(stderr, "");
  assert.deepEqual(report.requirements.map(({ id }) => id), IDS);
  assert.deepEqual(report.proof.map(({ id }) => id), PROOF_IDS);
  assert.equal(code, { ok: 0, degraded: 1, missing: 3 }[report.verdict], context);
  const announced = new Set(
    report.requirements.flatMap(({ id, blind_spots: spots = [] }) =>
      spots.map((spot) => `${id.replace("events.", "")} ${spot.id}`)
    ),
  );
  for (const { id, event, spot } of DEEDS) {
    const proof = report.proof.find((proof) => proof.id === `proof.${id}`);
    const blind = announced.has(`${event} ${spot}`);
    const expected = blind ? ["blind", "untested"] : ["seen", "untested"];
    assert.ok(expected.includes(proof?.status ?? ""), `${id}: ${JSON.stringify(proof)}`);
  }
}

function assertCannotRun({ code, report, stderr }: Checked, missing: readonly string[]): void {
  assert.equal(stderr, "");
  assert.deepEqual(report.requirements.map(({ id }) => id), IDS);
  assert.deepEqual(report.proof.map(({ id }) => id), PROOF_IDS);
  assert.equal(report.verdict, "missing");
  assert.equal(code, 3);
  for (const id of missing) {
    const requirement = report.requirements.find((requirement) => requirement.id === id);
    assert.equal(requirement?.status, "missing", JSON.stringify(requirement));
  }
  for (const { status } of report.proof) assert.equal(status, "untested");
}
