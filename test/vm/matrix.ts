/** Debian's kernels from 5.10 to 7.2, booted in qemu: the agent tells everything on each of them. @module */
import assert from "node:assert/strict";
import { DOCUMENT, partOf } from "../../scripts/coverage_doc.ts";
import { CATALOGUE } from "../../src/probes/catalogue.ts";
import { coverageMatrix } from "../adversary/matrix.ts";
import { KINDS } from "../harness/ledger.ts";
import { GUEST } from "./initrd.ts";
import { type Release, RELEASES } from "./kernels.ts";
import type { Boot } from "./machine.ts";
import { type GroupOptions, runGroup } from "./run_group.ts";
import { taking } from "./turns.ts";
import { costTable, MOST_INSTRUCTIONS, parseCosts, renderCosts } from "./verifier_costs.ts";
import { VERIFIER_DOC, writeDocuments } from "./documents.ts";

/** The groups of checks (test/vm/guest/groups.ts), and what the kernel is told for each. */
const GROUPS: readonly (readonly [group: string, options: GroupOptions])[] = [
  ["hooks", {}],
  ["coverage", {}],
  ["rules", {}],
  ["passwd", {}],
  ["conditions", {}],
  ["bystanders", { countInstructions: true }],
  ["integrity", { parameters: ["lockdown=integrity"] }],
  ["confidentiality", { parameters: ["lockdown=confidentiality"] }],
];

/** A machine keeps one CPU busy. */
const MACHINES = Math.min(2, navigator.hardwareConcurrency);

/** Set to write the documents where they would be compared. */
const WRITES = Deno.env.get("WRITE_DOCUMENTS") !== undefined;
const REMEDY = "Run deno task kernels, and look at what has changed";

const remarks = new Map<Release, readonly string[]>();

for (const release of RELEASES) {
  vmTest(`Linux ${release}`, async (test) => {
    const inTurn = taking(MACHINES);
    const steps = GROUPS.map(([group, options]) =>
      test.step({
        name: group,
        // Steps that run at the same time cannot be told apart by what they leave open.
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
        fn: () => inTurn(() => assertGood(release, group, options)),
      })
    );
    await Promise.all(steps);
  });
}

if (WRITES) {
  vmTest("the documents are written", async () => {
    assert.deepEqual([...remarks.keys()], RELEASES, "only where all kernels are run");
    await writeDocuments(remarks);
  });
}

vmTest("the verifier's costs are in docs/verifier.md for each program and kernel", async () => {
  const measured = costTable(remarks);
  print(renderCosts(measured, [...remarks.keys()]));
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
  assert.deepEqual([...remarks.keys()], RELEASES, "only where all kernels are run");
  assert.equal(
    partOf(await Deno.readTextFile(DOCUMENT), "matrix"),
    coverageMatrix(remarks),
    REMEDY,
  );
});

/** Runs that must not pass, by what has to be said of them. */
const BAD: readonly (readonly [what: string, group: string, options: GroupOptions, why: RegExp])[] =
  [
    ["a check that fails", "failing", {}, /^failed: a check that does not hold/],
    ["a check that hangs", "hanging", { limitMs: 15_000 }, /^the machine was ended: no end within/],
    ["no check at all", "empty", {}, /^nothing was planned/],
    [
      "a first process that dies",
      "failing",
      { parameters: [`rdinit=${GUEST.load}`] },
      /^the kernel says: .*Kernel panic/,
    ],
  ];

vmTest("a run that proves nothing does not pass", async (test) => {
  for (const [what, group, options, why] of BAD) {
    await test.step(what, async () => {
      const { problems, boot } = await runGroup("5.10", group, options);
      assert.ok(problems.some((problem) => why.test(problem)), show(problems, boot));
    });
  }
});

async function assertGood(release: Release, group: string, options: GroupOptions): Promise<void> {
  const verdict = await runGroup(release, group, options);
  assert.deepEqual(verdict.problems, [], show(verdict.problems, verdict.boot));
  remarks.set(release, [...remarks.get(release) ?? [], ...verdict.remarks]);
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
