/** Rings are as large as the CPUs that are there allow, whatever number may come. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { canLimitMemory, MemoryLimit } from "./harness/memory_limit.ts";
import { output } from "./harness/process.ts";

/** Has the agent read that there may be 240 CPUs, as on a virtual machine that can be given more. */
const MANY_POSSIBLE = [
  ...["unshare", "--mount", "sh", "-c"],
  'echo 0-239 >"$0"; mount --bind "$0" /sys/devices/system/cpu/possible; exec "$@"',
];

for (const transport of ["perf", "ring"]) {
  kernelTest(`${transport}: rings are no smaller, and no larger, where CPUs may come`, async () => {
    const file = await Deno.makeTempFile();
    try {
      const usual = await ringSizes(transport, []);
      assert.ok(usual.length > 0);
      assert.deepEqual(await ringSizes(transport, [...MANY_POSSIBLE, file]), usual);
    } finally {
      await Deno.remove(file);
    }
  });
}

kernelTest("ring: one that does not fit into memory is made smaller, with a warning", async () => {
  await using memory = await MemoryLimit.create(384 * 2 ** 20);
  await using agent = await Agent.start({
    wrap: memory.wrap,
    args: ["--transport=ring", "--ring.pages=131072"],
  });
  const { code, stderr } = await agent.stop();
  assert.match(stderr, /The kernel refuses so large a BPF ring buffer: using a smaller one/);
  assert.equal(code, 0, stderr);
}, canLimitMemory() ? undefined : "control groups that limit memory");

/** Sizes in bytes of the rings that an agent maps. */
async function ringSizes(transport: string, wrap: readonly string[]): Promise<readonly number[]> {
  await using agent = await Agent.start({ wrap, args: [`--transport=${transport}`] });
  const maps = await output(["cat", `/proc/${agent.pid}/maps`]);
  await agent.stop();
  const lines = maps.matchAll(/^(\w+)-(\w+) r.*(?:\[perf_event\]|:bpf-map)$/gm);
  return Array.from(lines, ([, from, to]) => Number(`0x${to}`) - Number(`0x${from}`)).toSorted();
}
