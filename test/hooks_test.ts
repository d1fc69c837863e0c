/** Each way of attaching tells the same. @module */
import assert from "node:assert/strict";
import { compareWithRun } from "./harness/events.ts";
import type { Blindness } from "./harness/expected.ts";
import { kernelTest } from "./harness/kernel.ts";
import { KINDS } from "./harness/ledger.ts";
import { sample } from "./harness/metrics.ts";
import { record } from "./harness/recording.ts";

const OPERATIONS = [
  "opens",
  "clones",
  "io-worker",
  "execs",
  "refused-execs",
  "users",
  "setuid-program",
];

/** The classic tracepoints do not tell how many arguments there were, nor of 32-bit programs. */
const HOOKS: readonly (readonly [hook: string, blind: Blindness])[] = [
  ["tp_btf", {}],
  ["raw_tp", {}],
  ["tracepoint", { argsCount: true, ia32: true }],
];

for (const [hook, blind] of HOOKS) {
  kernelTest(`events are exact when they are told by ${hook}`, async () => {
    const args = ["exec", "clone", "open", "privilege"].map((kind) => `--probe.${kind}=${hook}`);
    const operations = blind.ia32 ? OPERATIONS : [...OPERATIONS, "ia32-real", "ia32-phantoms"];
    const { run, events, after, ledger, end } = await record(operations, { args });
    for (const event of KINDS) {
      assert.equal(sample(after, "ebpf_agent_probe_attached", { event, hook }), 1);
    }
    assert.deepEqual(
      compareWithRun(events, run, blind),
      { missing: [], unexpected: [] },
      JSON.stringify(ledger),
    );
    assert.equal(end.code, 0, end.stderr);
  });
}

kernelTest("32-bit calls make no phantoms of tracepoints either", async () => {
  const args = ["exec", "clone", "open", "privilege"].map((kind) => `--probe.${kind}=tracepoint`);
  const { run, events } = await record(["ia32-phantoms"], { args });
  assert.deepEqual(compareWithRun(events, run, { argsCount: true }), {
    missing: [],
    unexpected: [],
  });
});
