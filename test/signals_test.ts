/** Signals that are not for the agent: it goes on, and no debugger gets at it. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { sleep } from "./harness/process.ts";

/** Deno listens for SIGUSR1 so long after its start. */
const GRACE_MS = 500;

kernelTest("SIGUSR1 opens no port, and the agent goes on", async () => {
  await using agent = await Agent.start();
  await sleep(2 * GRACE_MS);
  const before = await listeners(agent.pid);
  agent.signal("SIGUSR1");
  await sleep(GRACE_MS);
  assert.deepEqual(await listeners(agent.pid), before);
  const { port } = new URL(agent.url);
  assert.deepEqual(before, [
    `0100007F:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`,
  ]);
  await agent.metrics();
  const end = await agent.stop();
  assert.equal(end.code, 0, end.stderr);
  assert.doesNotMatch(end.stderr, /debugger/i);
});

/** Addresses at which a process listens, as /proc/net/tcp writes them. */
async function listeners(pid: number): Promise<readonly string[]> {
  const own = new Set<string>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) own.add(inode);
  }
  const tables = ["tcp", "tcp6"].map((name) => Deno.readTextFileSync(`/proc/${pid}/net/${name}`));
  const rows = tables.flatMap((table) => table.split("\n").slice(1));
  return rows.map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && own.has(fields[9] ?? ""))
    .map((fields) => fields[1] ?? "");
}

/** TCP_LISTEN (include/net/tcp_states.h). */
const LISTEN = "0A";
