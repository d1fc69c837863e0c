/** Debian's kernels from 5.10 to 7.2, booted in qemu: the agent tells everything on each of them. @module */
import assert from "node:assert/strict";
import { DOCUMENT, partOf } from "../scripts/coverage_doc.ts";
import { CATALOGUE } from "../src/probes/catalogue.ts";
import { deviations } from "./adversary/documented.ts";
import { KINDS } from "./harness/ledger.ts";
import { GUEST } from "./vm/initrd.ts";
import { isAsLocked, type Release, RELEASES } from "./vm/kernels.ts";
import type { Boot } from "./vm/machine.ts";
import { type GroupOptions, runGroup } from "./vm/run_group.ts";
import { taking } from "./vm/turns.ts";
import { costTable, MOST_INSTRUCTIONS, parseCosts, renderCosts } from "./vm/verifier_costs.ts";
import { VERIFIER_DOC, writeDocuments } from "./vm/documents.ts";

/** The groups of checks (test/vm/guest/groups.ts), and what each one's machine is like; long ones first. */
const GROUPS: readonly (readonly [group: string, options: GroupOptions])[] = [
  ["everything", {}],
  ["bystanders", { countInstructions: true }],
];

/** A machine keeps one CPU busy. */
const MACHINES = Math.min(2, navigator.hardwareConcurrency);

/** Set to write the documents where they would be compared. */
const WRITES = Deno.env.get("WRITE_DOCUMENTS") !== undefined;
const REMEDY = "Run deno task kernels, and look at what has changed";

const remarks = new Map<Release, readonly string[]>();
/** The steps that passed. */
const good = new Set<string>();

vmTest("the agent tells everything on each kernel", async (test) => {
  await inTurn(
    test,
    GROUPS.flatMap(([group, options]) =>
      RELEASES.map((release) => [
        stepOf(release, group),
        () => assertGood(release, group, options),
      ])
    ),
  );
});

if (WRITES) {
  vmTest("the documents are written", async () => {
    assertAllGood();
    await writeDocuments(remarks);
  });
}

vmTest("the verifier's costs are in docs/verifier.md for each program and kernel", async () => {
  const measured = costTable(remarks);
  print(renderCosts(measured, RELEASES));
  const documented = parseCosts(await Deno.readTextFile(VERIFIER_DOC));
  const absent = [...measured].flatMap(([program, costs]) =>
    Object.keys(costs).filter((release) => !documented.get(program)?.[release as Release])
      .map((release) => `${program} on ${release}`)
  );
  assert.deepEqual(absent, [], REMEDY);
  const programs = KINDS.flatMap((kind) =>
    CATALOGUE[kind].flatMap((hook) => hook.programs.map(({ name }) => name))
  );
  assert.deepEqual(
    [...documented.keys()].toSorted(),
    [...new Set(programs)].toSorted(),
    REMEDY,
  );
  for (const [program, costs] of [...documented, ...measured]) {
    assert.ok(Object.values(costs).every((cost) => cost <= MOST_INSTRUCTIONS), program);
  }
});

vmTest("docs/coverage.md is what the agent tells on each kernel", async () => {
  assertAllGood();
  const documented = partOf(await Deno.readTextFile(DOCUMENT), "matrix");
  for (const release of RELEASES) {
    // Where the archive has forgotten what the document tells of, another kernel may differ.
    if (!await isAsLocked(release)) continue;
    assert.deepEqual(deviations(documented, release, remarks.get(release) ?? []), [], REMEDY);
  }
});

/** Runs that must not pass, by what has to be said of them. */
const BAD: readonly (readonly [what: string, group: string, options: GroupOptions, why: RegExp])[] =
  [
    ["a check that fails", "failing", {}, /^failed: a check that does not hold/],
    [
      "a check that hangs",
      "hanging",
      { silenceMs: 30_000 },
      /^the machine was ended: no word within/,
    ],
    ["no check at all", "empty", {}, /^nothing was planned/],
    [
      "a first process that dies",
      "failing",
      { parameters: [`rdinit=${GUEST.load}`] },
      /^the kernel says: .*Kernel panic/,
    ],
  ];

vmTest("a run that proves nothing does not pass", async (test) => {
  await inTurn(
    test,
    BAD.map(([what, group, options, why]) => [what, async () => {
      const { problems, boot } = await runGroup("5.10", group, options);
      assert.ok(problems.some((problem) => why.test(problem)), show(problems, boot));
    }]),
  );
});

/** Runs steps in their order, as many at a time as machines may run. */
async function inTurn(test: Deno.TestContext, steps: readonly Step[]): Promise<void> {
  const take = taking(MACHINES);
  await Promise.all(steps.map(([name, run]) =>
    test.step({
      name,
      // Steps that run at the same time cannot be told apart by what they leave open.
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
      fn: () => take(run),
    })
  ));
}

type Step = readonly [name: string, run: () => Promise<void>];

function assertAllGood(): void {
  const planned = RELEASES.flatMap((release) => GROUPS.map(([group]) => stepOf(release, group)));
  assert.deepEqual(planned.filter((step) => !good.has(step)), [], "only where all is well");
}

function stepOf(release: Release, group: string): string {
  return `Linux ${release}: ${group}`;
}

async function assertGood(release: Release, group: string, options: GroupOptions): Promise<void> {
  const verdict = await runGroup(release, group, options);
  assert.deepEqual(verdict.problems, [], show(verdict.problems, verdict.boot));
  remarks.set(release, [...remarks.get(release) ?? [], ...verdict.remarks]);
  good.add(stepOf(release, group));
}

function show(problems: readonly string[], { report, console }: Boot): string {
  return `${problems.join("\n")}\n${report}\n${console.slice(-2000)}`;
}

/** A test that boots machines. In CI it runs whatever is there, so that it fails, not skips. */
function vmTest(name: string, fn: (test: Deno.TestContext) => Promise<void>): void {
  const because = Deno.build.arch !== "x86_64"
    ? "needs an x86-64 machine"
    : isInstalled("qemu-system-x86_64")
    ? undefined
    : "needs qemu-system-x86_64";
  const ignore = because !== undefined && Deno.env.get("CI") === undefined;
  Deno.test({ name: ignore ? `${name} (skipped: ${because})` : name, ignore, fn });
}

function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
