/** The kernel's masks against the reference matcher, event by event, with many rules at once. @module */
import assert from "node:assert/strict";
import { CloneEvent, EventHeader } from "../src/events/layout.gen.ts";
import { eventStart, word } from "../src/events/record.ts";
import { factsOf } from "../src/recordings/facts.ts";
import { readRecording, type RecordedRecord } from "../src/recordings/reader.ts";
import { namesThen } from "../src/recordings/replay.ts";
import { compare, describeDifference } from "../src/rules/comparison.ts";
import type { EventFacts } from "../src/rules/facts.ts";
import { parseRuleFiles } from "../src/rules/rule_file.ts";
import { Problems } from "../src/documents/problems.ts";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { ledgerOf } from "./harness/ledger.ts";
import { Load, LOAD_NAME } from "./harness/load.ts";
import { matchesIn, type RuleText, writeRules } from "./harness/rules.ts";

const OPERATIONS = [
  "opens",
  "bad-opens",
  "clones",
  "execs",
  "refused-execs",
  "users",
  "setuid-program",
];

/** Conditions of which each is a rule, each negated another, and each two after the other a third. */
function conditions(folder: string): readonly RuleText[] {
  return [
    { path: [`${folder}/file`, `${folder}/made`, `${folder}/missing`] },
    { path: [`${folder}/**`, "/usr/lib/**"] },
    { path: ["*/file", "*.so.6", "*ing"] },
    { path: ["file", "missing", LOAD_NAME, "alias", "script"] },
    { path: [`${folder}/setuid/**`, "garbage", `${folder}/secret`] },
    { exe: `${folder}/${LOAD_NAME}` },
    { exe: [`${folder}/setuid/**`, "*-loa"] },
    { comm: [LOAD_NAME, "script"] },
    { uid: [0, 1] },
    { outcome: "failure" },
    { access: ["write", "create"] },
    { access: "read" },
  ];
}

/** At most 64 of them. */
function rulesFor(folder: string): Readonly<Record<string, RuleText>> {
  const list = conditions(folder);
  const kindsOf = (rule: RuleText) =>
    "access" in rule
      ? ["open"]
      : "path" in rule || "outcome" in rule
      ? ["open", "exec"]
      : ALL_KINDS;
  const common = (a: readonly string[], b: readonly string[]) =>
    a.filter((kind) => b.includes(kind));
  return Object.fromEntries(list.flatMap((condition, index) => {
    const other = list[(index + 1) % list.length];
    const farther = list[(index + 5) % list.length];
    return [
      [`is-${index}`, { on: kindsOf(condition), ...condition }],
      [`not-${index}`, { on: kindsOf(condition), not: condition }],
      [`but-${index}`, {
        on: common(kindsOf(condition), kindsOf(other)),
        ...condition,
        not: other,
      }],
      [`both-${index}`, {
        on: common(kindsOf(condition), kindsOf(farther)),
        not: { ...condition, ...farther },
      }],
    ];
  }));
}

/** Rules about the generator's own files and program. */
const OWN = ["is-0", "is-5"];

const ALL_KINDS = ["exec", "clone", "open", "privilege"];

kernelTest("the kernel matches what the matcher says, event by event", async () => {
  await using load = await Load.create();
  const { folder } = load;
  const texts = rulesFor(folder);
  const config = `${folder}/rules.yaml`;
  await writeRules(config, texts);
  const problems = new Problems();
  const bytes = Deno.readFileSync(config);
  const rules = parseRuleFiles([{ name: config, bytes }], problems).flatMap(({ rules }) => rules);
  assert.deepEqual(problems.lines(), []);

  const recording = `${folder}/events.rec`;
  await using agent = await Agent.start({
    command: ["record", recording],
    args: [`--config.file=${config}`],
  });
  const run = await load.run(...OPERATIONS);
  const ledger = ledgerOf(await agent.metrics());
  const counted = matchesIn(await agent.metrics());
  const { code, stderr } = await agent.stop();
  assert.equal(code, 0, stderr);
  assert.deepEqual(Object.values(ledger).map(({ lost }) => lost), [0, 0, 0, 0]);

  const pids = new Set(
    run.deeds.flatMap((deed) => deed.did === "fork" ? [deed.pid, deed.child] : [deed.pid]),
  );
  const matched = new Map(rules.map(({ name }) => [name, 0]));
  const differences: string[] = [];
  const programs = new Programs();
  let compared = 0;
  for (const record of recordsIn(recording)) {
    const names = namesThen(record);
    assert.ok(names !== undefined || compared === 0, "the recording tells the rules' names");
    for (const name of names?.matched ?? []) matched.set(name, (matched.get(name) ?? 0) + 1);
    const event = eventStart(record.view, record.at);
    if (names === undefined || !pids.has(word(record.view, event, EventHeader.pid))) continue;
    const facts = programs.complete(record);
    if (facts === undefined) continue;
    const difference = compare(`event ${record.number}`, facts, names.matched, rules);
    if (difference !== undefined) {
      differences.push(describeDifference(difference, rules).join("\n"));
    }
    compared++;
  }
  assert.deepEqual(differences.slice(0, 5), [], `${differences.length} of ${compared} differ`);
  assert.ok(compared > 60, `only ${compared} events were compared`);
  // Of rules that nobody else's events match, between the scrape and the end.
  for (const name of OWN) assert.equal(matched.get(name), counted[name], name);
});

/** The program of each process, as its last exec told, or its creator's. */
class Programs {
  readonly #byPid = new Map<number, string>();

  /** The facts of a record with all that they leave out; undefined while a process's program is not known. */
  complete({ view, at }: RecordedRecord): EventFacts | undefined {
    const facts = factsOf(view, at);
    const event = eventStart(view, at);
    const pid = word(view, event, EventHeader.pid);
    if (facts.on === "exec" && facts.path !== undefined) this.#byPid.set(pid, facts.path);
    const exe = this.#byPid.get(pid);
    if (exe === undefined) return undefined;
    if (facts.on === "clone") this.#byPid.set(word(view, event, CloneEvent.childPid), exe);
    return { ...facts, exe, untold: new Set() };
  }
}

function* recordsIn(path: string): Generator<RecordedRecord> {
  const bytes = Deno.readFileSync(path);
  yield* readRecording({
    name: path,
    size: bytes.length,
    read: (at, size) => bytes.slice(at, at + size),
  });
}
