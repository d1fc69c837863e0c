/** No link, program or map stays in the kernel, however the agent ends. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { output, until } from "./harness/process.ts";

const KINDS = ["link", "prog", "map"] as const;

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  kernelTest(`${signal} leaves no link, program or map in the kernel`, async () => {
    await using agent = await Agent.start();
    const own = await heldBy(agent.pid);
    const during = await inKernel();
    for (const kind of KINDS) {
      const some = own.filter((object) => object.startsWith(kind));
      assert.ok(some.length > 0, `the agent holds no ${kind}: ${own.join(", ")}`);
      assert.ok(some.every((object) => during.has(object)), "bpftool lists what the agent holds");
    }
    agent.signal(signal);
    const end = await agent.end();
    assert.equal(end.signal, signal === "SIGKILL" ? "SIGKILL" : null, end.stderr);
    // The kernel frees them a moment after the last descriptor is closed.
    let left = own;
    await until("the kernel has freed everything", async () => {
      const after = await inKernel();
      left = own.filter((object) => after.has(object));
      return left.length === 0 ? true : undefined;
    }).catch((error) => assert.fail(`${error.message}: ${left.join(", ")}`));
  });
}

/** What a process holds descriptors of, as "kind id". */
async function heldBy(pid: number): Promise<readonly string[]> {
  const held: string[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/fdinfo`)) {
    const info = await Deno.readTextFile(`/proc/${pid}/fdinfo/${name}`).catch(() => "");
    for (const [, kind, id] of info.matchAll(/^(link|prog|map)_id:\s*(\d+)$/gm)) {
      held.push(`${kind} ${id}`);
    }
  }
  return [...new Set(held)];
}

/** What the kernel has, by anybody, as "kind id"; ids are not used again so soon. */
async function inKernel(): Promise<ReadonlySet<string>> {
  const lists = await Promise.all(KINDS.map(async (kind) => {
    const list: readonly { readonly id: number }[] = JSON.parse(
      await output(["bpftool", "-j", kind]),
    );
    return list.map(({ id }) => `${kind} ${id}`);
  }));
  return new Set(lists.flat());
}
