/** Each hook of opens in turn tells of every road, or announces that it does not. @module */
import assert from "node:assert/strict";
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import { type Survey, survey } from "../../adversary/survey.ts";
import { show } from "../../adversary/verdict.ts";
import { Agent } from "../../harness/agent.ts";
import { type Metrics, samples } from "../../harness/metrics.ts";
import { GUEST } from "../initrd.ts";
import type { Check } from "./tap.ts";

/** What stands in front of each cell among the remarks, and of each blind spot. */
export const CELL = "cell";
export const CHOSEN = "chosen";

export function coverageChecks(): readonly Check[] {
  return [
    { name: "the plan chooses a hook for opens", run: tellChoice },
    ...CATALOGUE.open.map(({ name }) => ({
      name: `no road leads past ${name} unannounced`,
      run: () => surveyHook(name),
    })),
  ];
}

async function surveyHook(hook: string): Promise<string> {
  await Deno.mkdir("/etc", { recursive: true });
  await Deno.writeTextFile("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
  const { cells, passwd } = await survey(hook, GUEST.adversary, { inside: () => [] });
  assertCovered({ cells, passwd });
  return cells.map(({ did, road, verdict }) => [CELL, did, hook, road, show(verdict)].join("\t"))
    .join("\n");
}

/** Throws with every cell that is wrong. */
function assertCovered({ cells, passwd }: Pick<Survey, "cells" | "passwd">): void {
  const wrong = cells.filter(({ verdict }) => verdict.state === "wrong")
    .map(({ road, verdict }) => `${road}: ${show(verdict)}`);
  assert.equal(wrong.join("\n"), "");
  assert.deepEqual(passwd.counted, passwd.expected);
}

async function tellChoice(): Promise<string> {
  await using agent = await Agent.start({ args: ["--output=none"] });
  const hook = hookOf(await agent.metrics());
  assert.notEqual(hook, undefined);
  await agent.stop();
  return [CHOSEN, hook].join("\t");
}

function hookOf(metrics: Metrics): string | undefined {
  return samples(metrics, "ebpf_agent_probe_attached").filter(([, value]) => value === 1)
    .flatMap(([labels]) => /event="open",hook="(\w+)"/.exec(labels)?.slice(1) ?? [])[0];
}
