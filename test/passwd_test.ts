/** Reads of /etc/passwd are told by what the file is, whatever became of it or its name. @module */
import assert from "node:assert/strict";
import { withGround } from "./adversary/ground.ts";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { sample } from "./harness/metrics.ts";
import { output } from "./harness/process.ts";
import { assertPasswdReads } from "./passwd/passwd_reads.ts";

kernelTest(
  "/etc/passwd is the same file through a bind mount, and another one is not",
  async () => {
    await using agent = await Agent.start({ args: ["--output=none"] });
    await withFolder(async (folder) => {
      const mounted = `mount --bind /etc ${folder}; cat ${folder}/passwd`;
      assert.equal(await readsDuring(agent, () => inNamespace(mounted)), 1, "a bind mount");
      await output(["sh", "-c", `mkdir -p ${folder}/etc; echo x >${folder}/etc/passwd`]);
      const elsewhere = `mount --bind ${folder}/etc /etc; cat /etc/passwd`;
      assert.equal(await readsDuring(agent, () => inNamespace(elsewhere)), 0, "another /etc");
    });
  },
);

kernelTest("/etc/passwd is told after it was replaced, moved and linked", async () => {
  await withFolder(async (folder) => {
    // The agent's own /etc is a copy that may be changed.
    await output(["cp", "-a", "/etc", folder]);
    const wrap = `mount --bind ${folder}/etc /etc; exec "$@"`;
    await using agent = await Agent.start({
      wrap: ["unshare", "--mount", "--propagation=private", "sh", "-c", wrap, "sh"],
      args: ["--output=none"],
    });
    const inside = (script: string) =>
      output(["nsenter", "--mount", `--target=${agent.pid}`, "sh", "-c", script]);
    const steps: readonly (readonly [what: string, script: string, reads: number])[] = [
      ["read", "cat /etc/passwd", 1],
      [
        "replaced by renaming, as every editor does",
        "cp /etc/passwd /etc/p; mv /etc/p /etc/passwd",
        1,
      ],
      ["read after it was replaced", "cat /etc/passwd", 1],
      ["read by the name outside", `cat ${folder}/etc/passwd`, 1],
      ["read by a hard link", "ln /etc/passwd /etc/q; cat /etc/q", 1],
      ["read under a new name", "mv /etc/passwd /etc/r; cat /etc/r; mv /etc/r /etc/passwd", 1],
      ["another file of that name", "mkdir /etc/d; echo >/etc/d/passwd; cat /etc/d/passwd", 0],
      ["a file beside it", "cat /etc/hostname", 0],
    ];
    for (const [what, script, reads] of steps) {
      assert.equal(await readsDuring(agent, () => inside(script)), reads, what);
    }
    assert.equal(
      await readsDuring(agent, () => output(["cat", "/etc/passwd"])),
      0,
      "the hidden one",
    );
  });
});

for (const hook of ["tp_btf", "raw_tp", "tracepoint"]) {
  kernelTest(
    `reads of /etc/passwd are told from the name service's by ${hook}`,
    () => withGround((ground) => assertPasswdReads([`--probe.open=${hook}`], ground)),
  );
}

async function readsDuring(agent: Agent, work: () => Promise<unknown>): Promise<number> {
  const count = async () => sample(await agent.metrics(), "ebpf_passwd_read_events_total");
  const before = await count();
  await work();
  return await count() - before;
}

function inNamespace(script: string): Promise<string> {
  return output(["unshare", "--mount", "--propagation=private", "sh", "-c", `set -e; ${script}`]);
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "passwd-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
