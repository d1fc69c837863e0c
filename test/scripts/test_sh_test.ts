/** Tests of scripts/test.sh: what it counts, and how it ends. @module */
import { doesNotMatch, equal, match } from "node:assert/strict";
import { kernelTest } from "../harness/kernel.ts";
import { type Ended, run } from "../harness/process.ts";
import { PRINT_ARGS, ScriptCopy, writeScript } from "./script_copy.ts";

interface Stand {
  /** What `deno test` does. */
  readonly test: string;
  /** What each of the checks before it does. */
  readonly checks?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Runs test.sh with stand-ins for Deno and the other checks, on the system's own PATH. */
async function runTests(stand: Stand): Promise<Ended> {
  await using copy = await ScriptCopy.create();
  await copy.deno(`case "$1 $2" in
    "test --help") echo "--sanitize-ops" ;;
    "test "*) ${stand.test} ;;
    *) ${stand.checks ?? ":"} ;;
  esac`);
  await standInForChecks(copy, stand.checks ?? ":");
  return await copy.run("test.sh", stand.args ?? [], {
    env: { PATH: await systemPath(copy), ...stand.env },
    ...(stand.stdin === undefined ? {} : { stdin: stand.stdin }),
  });
}

/** Puts a stand-in in the place of each script that test.sh runs as a check. */
async function standInForChecks(copy: ScriptCopy, text: string): Promise<void> {
  for await (const { name } of Deno.readDir(`${copy.root}/scripts`)) {
    if (name.startsWith("build_")) await writeScript(`${copy.root}/scripts/${name}`, text);
  }
}

/** The system's own programs, except that nothing gets installed. */
async function systemPath(copy: ScriptCopy): Promise<string> {
  await copy.program("apt-get", "exit 1");
  return `${copy.bin}:${Deno.env.get("PATH")}`;
}

/** The last line's numbers without those of the checks, which all passed unless `checks` says so. */
function sums({ stdout }: Ended): string {
  const numbers = /(?:^|\n)tests: (\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(stdout);
  if (numbers === null) throw new Error(`The last line has no sums:\n${stdout}`);
  const checks = stdout.match(/^[A-Za-z ]+ \.\.\. ok$/gm)?.length ?? 0;
  return `${Number(numbers[1]) - checks} passed, ${numbers[2]} failed, ${numbers[3]} skipped`;
}

const runs = {
  "ok | 12 passed | 0 failed (3s)": ["12 passed, 0 failed, 0 skipped", 0],
  "ok | 12 passed (4 steps) | 0 failed | 1 filtered out (3s)": [
    "12 passed, 0 failed, 0 skipped",
    0,
  ],
  "ok | 12 passed | 0 failed | 2 ignored | 5 filtered out (1m3s)": [
    "12 passed, 0 failed, 2 skipped",
    0,
  ],
  "ok | 12 passed (1 step) | 0 failed | 1 ignored (2 steps) (3s)": [
    "12 passed, 0 failed, 3 skipped",
    0,
  ],
  "ok | 12 passed | 0 failed | 0 ignored (1 step) (3s)": ["12 passed, 0 failed, 1 skipped", 0],
  "FAILED | 4 passed (1 step) | 2 failed (2 steps) | 1 ignored (140ms)": [
    "4 passed, 2 failed, 1 skipped",
    1,
  ],
  "ok | 0 passed | 0 failed | 6 filtered out (7ms)": ["0 passed, 0 failed, 0 skipped", 1],
} as const;
for (const [summary, [expected, code]] of Object.entries(runs)) {
  kernelTest(`test.sh sums up "${summary}"`, async () => {
    const status = summary.startsWith("ok") ? 0 : 1;
    const ended = await runTests({ test: `echo; echo "${summary}"; echo; exit ${status}` });
    match(ended.stdout, /^formatting \.\.\. ok\nlint \.\.\. ok\ntypes \.\.\. ok\n/);
    equal(sums(ended), expected);
    equal(ended.code, code);
  });
}

kernelTest("test.sh fails in CI where a test was skipped", async () => {
  const test = `echo "ok | 3 passed | 0 failed | 1 ignored (1s)"`;
  equal((await runTests({ test, env: { CI: "true" } })).code, 1);
  equal((await runTests({ test })).code, 0);
});

kernelTest("test.sh counts an end without a summary as a failure", async () => {
  const ended = await runTests({ test: `echo "error: Module not found"; exit 1` });
  match(ended.stdout, /error: Module not found\n(.*\n)*deno test \(ended with 1\) \.\.\. FAILED\n/);
  equal(sums(ended), "0 passed, 1 failed, 0 skipped");
  equal(ended.code, 1);
});

kernelTest("test.sh counts an end with an error behind a good summary as a failure", async () => {
  const ended = await runTests({ test: `echo "ok | 3 passed | 0 failed (1s)"; exit 70` });
  equal(sums(ended), "3 passed, 1 failed, 0 skipped");
  equal(ended.code, 1);
});

kernelTest("test.sh is not misled by a test that prints a summary", async () => {
  const ended = await runTests({
    test: `echo "ok | 99 passed | 0 failed (1s)"; echo "FAILED | 1 passed | 1 failed (1s)"; exit 1`,
  });
  equal(sums(ended), "1 passed, 1 failed, 0 skipped");
  equal(ended.code, 1);
});

kernelTest("test.sh shows and counts a check that fails, and goes on", async () => {
  const ended = await runTests({
    test: `echo "ok | 3 passed | 0 failed (1s)"`,
    checks: `echo "not so"; exit 1`,
  });
  match(ended.stdout, /^not so\nformatting \.\.\. FAILED\nnot so\nlint \.\.\. FAILED\n/);
  const checks = ended.stdout.match(/^[A-Za-z ]+ \.\.\. FAILED$/gm)?.length ?? 0;
  equal(sums(ended), `3 passed, ${checks} failed, 0 skipped`);
  equal(ended.code, 1);
});

kernelTest("test.sh counts a check that cannot be made here as skipped", async () => {
  const ended = await runTests({
    test: `echo "ok | 3 passed | 0 failed (1s)"`,
    checks: `echo "another compiler"; exit 3`,
  });
  match(ended.stdout, /^formatting \.\.\. skipped\nanother compiler\n/);
  const checks = ended.stdout.match(/^[A-Za-z ]+ \.\.\. skipped$/gm)?.length ?? 0;
  equal(sums(ended), `3 passed, 0 failed, ${checks} skipped`);
});

kernelTest(
  "test.sh hands options to deno test, looks for leaks, and gives tests no input",
  async () => {
    const { stdout } = await runTests({
      test: `${PRINT_ARGS}; cat; echo "ok | 1 passed | 0 failed (1s)"`,
      args: ["--filter", "a b", "--fail-fast"],
      stdin: "typed",
    });
    doesNotMatch(stdout, /typed/);
    match(
      stdout,
      /\[--sanitize-ops\]\n\[--sanitize-resources\]\n\[--filter\]\n\[a b\]\n\[--fail-fast\]/,
    );
    match(stdout, /\[src\]\n\[scripts\]\n\[test\]\n/);
  },
);

kernelTest("test.sh with DENO leaves out what only the pinned Deno can check", async () => {
  await using copy = await ScriptCopy.create();
  await copy.program("other", `case $1 in test) echo "ok | 1 passed | 0 failed (1s)" ;; esac`);
  await copy.program("deno", "");
  await standInForChecks(copy, "");
  const ended = await copy.run("test.sh", [], {
    env: { PATH: await systemPath(copy), DENO: `${copy.bin}/other` },
  });
  doesNotMatch(ended.stdout, /formatting/);
  equal(sums(ended), "1 passed, 0 failed, 0 skipped");
});

kernelTest("test.sh ends what the tests left running, and fails", async () => {
  const ended = await runTests({
    test: `setsid sleep 98765 & echo "left $!"; echo "ok | 1 passed | 0 failed (1s)"`,
  });
  match(ended.stdout, /\nStill running after the tests, and ended now:\n *\d+ .*sleep 98765\n/);
  match(ended.stdout, /\nno process left behind \.\.\. FAILED\n/);
  equal(sums(ended), "1 passed, 1 failed, 0 skipped");
  equal(ended.code, 1);
  const pid = /^left (\d+)$/m.exec(ended.stdout)?.[1];
  match(pid ?? "", /^\d+$/);
  equal(await isRunning(Number(pid)), false);
});

async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await run(["ps", "-o", "stat=", "-p", `${pid}`]);
  return stdout !== "" && !stdout.startsWith("Z");
}
