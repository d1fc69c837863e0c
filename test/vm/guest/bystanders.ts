/** What the rest of the machine pays for the agent: the cost of a call that it does not look at. @module */
import assert from "node:assert/strict";
import { Agent } from "../../harness/agent.ts";
import { output } from "../../harness/process.ts";
import { type Bystander, bystanderLine, MOST_BY_FUNCTIONS } from "../bystanders.ts";
import { GUEST } from "../initrd.ts";
import type { Check } from "./tap.ts";

/** By the hooks of each kind; the machine's clock counts instructions. */
const HOOKS:
  readonly (readonly [name: string, options: readonly string[], byFunctions: boolean])[] = [
    // If both together are not felt, neither is.
    [
      "fexit+kprobe",
      ["--probe.open=fexit", "--probe.exec=kprobe", "--probe.privilege=kprobe"],
      true,
    ],
    ["tp_btf", ["open", "exec", "privilege"].map((kind) => `--probe.${kind}=tp_btf`), false],
    [
      "tracepoint",
      ["open", "exec", "privilege"].map((kind) => `--probe.${kind}=tracepoint`),
      false,
    ],
  ];

export function bystanderChecks(): readonly Check[] {
  return HOOKS.map(([hook, options, byFunctions]) => ({
    name: `getppid pays for ${hook} ${byFunctions ? "nothing" : "what is told"}`,
    run: async () => {
      const found = await measure(hook, options);
      if (byFunctions) {
        assert.ok(found.watched <= found.alone * MOST_BY_FUNCTIONS, bystanderLine(found));
      }
      return bystanderLine(found);
    },
  }));
}

async function measure(hook: string, options: readonly string[]): Promise<Bystander> {
  const before = await getppid();
  await using agent = await Agent.start({ args: [...options] });
  const watched = await getppid();
  await agent.stop();
  const after = await getppid();
  return { hook, alone: Math.min(before, after), watched };
}

async function getppid(): Promise<number> {
  return Number(await output([GUEST.getppid]));
}
