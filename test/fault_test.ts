/** A deliberate fault in the source turns ebpf_agent_ledger_balanced to 0. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { Load } from "./harness/load.ts";
import { sample } from "./harness/metrics.ts";
import { until } from "./harness/process.ts";
import { SourceCopy } from "./harness/source_copy.ts";

const FAULTS: readonly (readonly [what: string, file: string, from: string, to: string])[] = [
  ["seen is not counted", "bpf/events.h", "add_one(&counters->events[kind].seen);", ";"],
  ["filtered is not counted", "bpf/events.h", "add_one(&counters->events[kind].filtered);", ";"],
  ["submitted is not counted", "bpf/events.h", "add_one(&counters->events[kind].submitted);", ";"],
  ["lost is not counted", "bpf/events.h", "add_one(&counters->events[kind].lost);", ";"],
  ["a batch is taken out uncounted", "src/events/drain.ts", "this.#received[ring.kind]++;", ";"],
  [
    "a batch is dropped before the output",
    "src/events/drain.ts",
    "for (const output of this.#outputs) output.accept(ring.view, ring.at, ring.size);",
    ";",
  ],
];

for (const [what, file, from, to] of FAULTS) {
  kernelTest(`the ledger tells that ${what}`, async () => {
    await using copy = await SourceCopy.create();
    await copy.replace(file, from, to);
    if (file.startsWith("bpf/")) await copy.buildBpf();
    assert.equal(await balancedAfterStorm(copy.root), 0);
  });
}

kernelTest("the ledger of the same source without a fault is balanced", async () => {
  await using copy = await SourceCopy.create();
  await copy.buildBpf();
  assert.equal(await balancedAfterStorm(copy.root), 1);
});

/** A filter and a small ring: there is something of everything that is counted. */
async function balancedAfterStorm(root: string): Promise<number> {
  await using load = await Load.create();
  await using agent = await Agent.start({
    root,
    args: ["--ring.pages=8", "--filter.comm=eagent-load", "--output=text"],
  });
  await Promise.all([load.run("storm=0:400"), load.run("storm=1:400")]);
  // A scrape reads the maps afresh; a second one makes sure that it is not one moment's answer.
  const first = sample(await agent.metrics(), "ebpf_agent_ledger_balanced");
  return await until("two scrapes agree", async () => {
    const second = sample(await agent.metrics(), "ebpf_agent_ledger_balanced");
    return second === first ? second : undefined;
  });
}
