/** No link, program or map stays in the kernel, however the agent ends. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { output, until } from "./harness/process.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  kernelTest(`${signal} leaves no link, program or map in the kernel`, async () => {
    const before = await kernelObjects();
    await using agent = await Agent.start();
    const during = await kernelObjects();
    const own = during.filter((object) => !before.includes(object));
    for (const kind of ["link", "prog", "map"]) {
      assert.ok(
        own.some((object) => object.startsWith(kind)),
        `no ${kind} among ${own.join(", ")}`,
      );
    }
    agent.signal(signal);
    const end = await agent.end();
    assert.equal(end.signal, signal === "SIGKILL" ? "SIGKILL" : null, end.stderr);
    // The kernel frees them a moment after the last descriptor is closed.
    let left: readonly string[] = own;
    await until("the kernel has freed everything", async () => {
      const after = await kernelObjects();
      left = own.filter((object) => after.includes(object));
      return left.length === 0 ? true : undefined;
    }).catch((error) => assert.fail(`${error.message}: ${left.join(", ")}`));
  });
}

/** Links, programs and maps as "kind id name"; ids are not used again for as long as this takes. */
async function kernelObjects(): Promise<readonly string[]> {
  const kinds = ["link", "prog", "map"];
  const lists = await Promise.all(kinds.map(async (kind) => {
    const list: readonly { readonly id: number; readonly name?: string }[] = JSON.parse(
      await output(["bpftool", "-j", kind]),
    );
    return list.map(({ id, name = "" }) => `${kind} ${id} ${name}`);
  }));
  return lists.flat();
}
