/** Rules count exactly while events are lost, and change as a whole while a storm goes on. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { encodeHex, encodeText } from "./harness/bytes.ts";
import { at, parseEvents } from "./harness/events.ts";
import { assertClosed, finalLedger } from "./harness/final_ledger.ts";
import { kernelTest } from "./harness/kernel.ts";
import { Load } from "./harness/load.ts";
import { type Metrics, sample } from "./harness/metrics.ts";
import { sleep } from "./harness/process.ts";
import { matchesIn, type RuleText, writeRules } from "./harness/rules.ts";
import { scrapeDuring, STORM_NAME, stormOnTwoCpus } from "./harness/storm.ts";

/** Opens of a watched file that hide in a storm. */
const HIDDEN = 1000;

kernelTest("rules count each match while events are lost", async () => {
  await using load = await Load.create();
  const { folder } = load;
  const config = `${folder}/config.yaml`;
  await Deno.writeTextFile(`${folder}/hidden`, "");
  await writeRules(config, {
    "exact": { on: "open", path: `${folder}/hidden` },
    "prefix": { on: "open", path: `${folder}/**`, not: { path: "file" }, comm: "hider" },
    "limited": { on: "open", path: "hidden", rate: 1 },
  });
  await using agent = await Agent.start({
    args: [`--config.file=${config}`, "--ring.pages=8", "--output=json"],
  });
  const before = matchesIn(await agent.metrics());
  const storm = stormOnTwoCpus(load, 2000);
  const opens = Array.from({ length: HIDDEN }, () => `open=0:${hex(`${folder}/hidden`)}`);
  await load.run(`comm=${hex("hider")}`, ...opens);
  await storm;
  const after = matchesIn(await agent.metrics());
  const end = await agent.stop();
  const { open } = finalLedger(end.stderr);
  assert.ok(open.lost > 0, `nothing was lost: ${JSON.stringify(open)}`);
  const rise = Object.keys(after).map((rule) => [rule, (after[rule] ?? 0) - (before[rule] ?? 0)]);
  assert.deepEqual(rise, [["exact", HIDDEN], ["prefix", HIDDEN], ["limited", HIDDEN]]);
  assertClosed(end);
});

/** Reloads that are asked for in a row, a tenth of a second apart: a minute. */
const RELOADS = 600;
/** What is asked for while one is under way is one more: two become one where one takes 200 ms. */
const FEWEST_RELOADS = RELOADS / 2;
/** The name of those whose opens are told: of a storm's, there would be gigabytes. */
const TOLD_NAME = `told-${Deno.pid}`;

kernelTest("rules change as a whole, and lose no count, while a storm goes on", async () => {
  await using load = await Load.create();
  const { folder } = load;
  const config = `${folder}/config.yaml`;
  const sets = changingSets(folder);
  await writeRules(config, sets[0] ?? {});
  await using agent = await Agent.start({
    args: [`--config.file=${config}`, "--events=none", "--output=json", "--ring.pages=1024"],
    stdout: "collected",
  });
  const scrapes = await scrapeDuring(agent, async () => {
    let over = false;
    const storms = stormsUntil(load, () => over);
    for (let reload = 1; reload <= RELOADS; reload++) {
      await writeRules(config, sets[reload % sets.length] ?? {});
      agent.signal("SIGHUP");
      await Promise.all([sleep(100), load.run(`comm=${hex(TOLD_NAME)}`, "burst=50")]);
    }
    over = true;
    return await storms;
  });
  await sleep(300);
  const last = matchesIn(await agent.metrics());
  const end = await agent.stop();
  assertClosed(end);
  const reloads = end.stderr.split("The configuration is reloaded").length - 1;
  assert.ok(reloads >= FEWEST_RELOADS, `${reloads} reloads`);
  assert.equal(last["always-by-path"], scrapes.result, "each open of the storms is counted");
  assert.equal(last["always-by-name"], scrapes.result, "each open of the storms is counted");
  assert.ok(last["by-path"] !== undefined && last["by-path"] > 0, JSON.stringify(last));
  assert.equal(last["by-path"], last["by-name"]);
  assert.ok(last["by-path"] < scrapes.result, "some were done while no rule was about them");
  assertTogether(scrapes.metrics.map(matchesIn));
  assertNothingGoesBack(scrapes.metrics);
  for (const metrics of scrapes.metrics) {
    assert.equal(sample(metrics, "ebpf_agent_config_last_reload_successful"), 1, end.stderr);
  }
  const told = parseEvents(end.stdout).map((event) => String(at(event, "rule.name")));
  assert.deepEqual([...new Set(told)], ["told-by-path,told-by-name"]);
});

/** One storm after the other; how many opens they were. */
async function stormsUntil(load: Load, isOver: () => boolean): Promise<number> {
  let opens = 0;
  while (!isOver()) opens += await stormOnTwoCpus(load, 5000);
  return opens;
}

/**
 * Both halves of each pair are about the same opens, by other tables; one pair, each time in
 * another place, is about all opens of the storms; sets differ in all others.
 */
function changingSets(folder: string): readonly Readonly<Record<string, RuleText>>[] {
  const byPath = { on: "open", path: `${folder}/file` };
  const byName = { on: "open", path: "file", exe: `${folder}/**` };
  const inAllSets = {
    "always-by-path": { ...byPath, comm: STORM_NAME, emit: false },
    "always-by-name": { ...byName, comm: STORM_NAME, emit: false },
  };
  const pairs = {
    "by-path": { ...byPath, comm: STORM_NAME, emit: false },
    "by-name": { ...byName, comm: STORM_NAME, emit: false },
    "told-by-path": { ...byPath, comm: TOLD_NAME },
    "told-by-name": { ...byName, comm: TOLD_NAME },
  };
  const nothing = { on: "open", path: `${folder}/nothing` };
  return [
    { ...inAllSets, ...pairs, "on-one": { on: "open", path: `${folder}/**`, emit: false } },
    {
      "other": { on: "clone", uid: 12 },
      "told-by-name": nothing,
      ...inAllSets,
      "by-name": { on: "open", path: "nothing" },
      "told-by-path": nothing,
      "by-path": nothing,
    },
    { "on-two": { on: "open", comm: STORM_NAME, access: "write" }, ...pairs, ...inAllSets },
  ];
}

/** No counter is less than when it was last there, however long that is ago. */
function assertNothingGoesBack(scrapes: readonly Metrics[]): void {
  const last = new Map<string, number>();
  for (const metrics of scrapes) {
    for (const [name, value] of metrics) {
      if (!/_total(\{|$)/.test(name)) continue;
      const before = last.get(name) ?? 0;
      assert.ok(value >= before, `${name} went from ${before} to ${value}`);
      last.set(name, value);
    }
  }
}

/** None is ahead of the other by more than the CPUs have under way. */
function assertTogether(scrapes: readonly Readonly<Record<string, number>>[]): void {
  for (const { "by-path": path = NaN, "by-name": name = NaN } of scrapes) {
    assert.ok(Math.abs(path - name) <= 2 * navigator.hardwareConcurrency, `${path}, ${name}`);
  }
}

function hex(text: string): string {
  return encodeHex(encodeText(text));
}
