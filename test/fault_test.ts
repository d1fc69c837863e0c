/** A deliberate fault in the source turns ebpf_agent_ledger_balanced to 0. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { ledgerOf } from "./harness/ledger.ts";
import { Load } from "./harness/load.ts";
import { sample } from "./harness/metrics.ts";
import { sleep, until } from "./harness/process.ts";
import { SourceCopy } from "./harness/source_copy.ts";

const FAULTS: readonly (readonly [what: string, file: string, from: string, to: string])[] = [
  ["seen is not counted", "bpf/events.h", "add_one(&counters->events[kind].seen);", ";"],
  ["filtered is not counted", "bpf/events.h", "add_one(&counters->events[kind].filtered);", ";"],
  ["submitted is not counted", "bpf/events.h", "add_one(&counters->events[kind].submitted);", ";"],
  ["lost is not counted", "bpf/events.h", "add_one(&counters->events[kind].lost);", ";"],
  [
    "a batch is taken out uncounted",
    "src/events/drain.ts",
    "this.#received[first & KIND_MASK]++;",
    ";",
  ],
  [
    "what finds no room is dropped uncounted",
    "src/outputs/stdout.ts",
    "this.#dropped[kind]++;\n      return;",
    "return;",
  ],
  [
    "a batch is dropped before the output",
    "src/events/drain.ts",
    "for (const output of this.#outputs) output.accept(place.view, place.at, ring.size);",
    ";",
  ],
];

for (const [what, file, from, to] of FAULTS) {
  kernelTest(`the ledger tells that ${what}`, async () => {
    await using copy = await SourceCopy.create();
    await copy.replace(file, from, to);
    if (file.startsWith("bpf/")) await copy.buildBpf();
    // Where the ring is small, nearly all is lost there, and nothing dropped by the output.
    const args = from.includes("lost") ? ["--ring.pages=8"] : [];
    assert.equal(await balancedAfterBurst(copy.root, args), 0);
  });
}

kernelTest("the ledger of the same source without a fault is balanced", async () => {
  await using copy = await SourceCopy.create();
  await copy.buildBpf();
  assert.equal(await balancedAfterBurst(copy.root), 1);
});

/** A filter and no reader: there is something of everything that is counted. */
async function balancedAfterBurst(root: string, args: readonly string[] = []): Promise<number> {
  await using load = await Load.create();
  await using agent = await Agent.start({
    root,
    args: ["--filter.comm=eagent-load", "--output=json", ...args],
    stdout: "blocked",
  });
  // More than finds room in the output.
  await Promise.all([load.run("burst=40000"), load.run("burst=40000")]);
  const dropped = async () => ledgerOf(await agent.metrics()).open.dropped;
  await until("the ring is empty", async () => {
    const before = await dropped();
    await sleep(200);
    return await dropped() === before ? true : undefined;
  });
  return sample(await agent.metrics(), "ebpf_agent_ledger_balanced");
}
