import { deepEqual } from "node:assert/strict";
import { crashedAtBoot, judge } from "./report.ts";

const GOOD = "@boot 4.7 6.1.0\n1..2\nok 1 - a (0.1 s)\n# remark\nok 2 - b (0.1 s)\n@exit 0 9.9\n";

Deno.test("judge() tells what passed and was remarked, carriage returns left out", () => {
  const verdict = judge({ report: GOOD.replaceAll("\n", "\r\n"), console: "" });
  deepEqual(verdict, { passed: ["a (0.1 s)", "b (0.1 s)"], problems: [], remarks: ["remark"] });
});

const bad: readonly (readonly [what: string, report: string, problems: readonly string[]])[] = [
  ["nothing", "", ["there are 0 plans", "there is no @boot"]],
  ["no plan", GOOD.replace("1..2\n", ""), ["there are 0 plans"]],
  ["two plans", GOOD.replace("1..2\n", "1..2\n1..2\n"), ["there are 2 plans"]],
  ["an empty plan", "@boot 1 6.1\n1..0\n@exit 0 2\n", ["nothing was planned"]],
  ["a check too few", GOOD.replace("1..2", "1..3"), ["3 checks were planned and these ran: 1 2"]],
  ["a check too many", GOOD.replace("1..2", "1..1"), ["1 checks were planned and these ran: 1 2"]],
  [
    "a check twice",
    GOOD.replace("ok 2", "ok 1"),
    ["2 checks were planned and these ran: 1 1"],
  ],
  [
    "a failed check that the exit code knows nothing of",
    GOOD.replace("ok 2", "not ok 2"),
    ["@exit 0 with 1 failed checks", "failed: b (0.1 s)"],
  ],
  [
    "a failed check",
    GOOD.replace("ok 2", "not ok 2").replace("@exit 0", "@exit 1"),
    ["failed: b (0.1 s)"],
  ],
  ["an exit code without a failed check", GOOD.replace("@exit 0", "@exit 1"), [
    "@exit 1 with 0 failed checks",
  ]],
  ["no end", GOOD.replace(/@exit.*\n/, ""), ["there is no @exit"]],
  ["no start", GOOD.replace(/@boot.*\n/, ""), ["there is no @boot"]],
];
for (const [what, report, problems] of bad) {
  Deno.test(`judge() does not pass a run with ${what}`, () => {
    deepEqual(judge({ report, console: "" }).problems, problems);
  });
}

for (
  const line of [
    "[    1.2] Kernel panic - not syncing: Attempted to kill init!",
    "[    1.2] BUG: kernel NULL pointer dereference, address: 0000000000000000",
    "[    1.2] Oops: 0000 [#1] SMP",
    "[    1.2] WARNING: CPU: 1 PID: 1 at kernel/bpf/core.c:1",
    "[    1.2] general protection fault, probably for non-canonical address",
    "[    1.2] rcu: INFO: rcu_sched self-detected stall on CPU",
  ]
) {
  Deno.test(`judge() does not pass a run whose kernel says "${line}"`, () => {
    deepEqual(judge({ report: GOOD, console: `quiet\n${line}\nmore` }).problems, [
      `the kernel says: ${line}`,
    ]);
  });
}

Deno.test("judge() does not pass a run that was ended from outside", () => {
  deepEqual(judge({ report: GOOD, console: "", ended: "no end within 5 ms" }).problems, [
    "the machine was ended: no end within 5 ms",
  ]);
});

Deno.test("crashedAtBoot() is a crash before @boot, and neither a later one nor silence", () => {
  const console = "Oops: 0000 [#1] SMP";
  const crashes = ["", GOOD].map((report) => crashedAtBoot({ report, console }));
  deepEqual([...crashes, crashedAtBoot({ report: "", console: "" })], [true, false, false]);
});
