/** Tests of how the scripts fetch what the agent imports from npm. @module */
import { deepEqual, equal, match } from "node:assert/strict";
import { kernelTest } from "../harness/kernel.ts";
import { AS_USER, PRINT_ARGS, ScriptCopy } from "./script_copy.ts";

/** Stands for Deno: says where it was told to keep packages, and what it was asked for. */
const DENO =
  `echo "$DENO_DIR $PWD $*" >>"\${0%/*}/calls"; [ "$1" = install ] || { ${PRINT_ARGS}; }`;

async function copyWithLock(deno = DENO): Promise<ScriptCopy> {
  const copy = await ScriptCopy.create("a checkout");
  await Deno.writeTextFile(`${copy.root}/deno.lock`, "{}");
  await copy.deno(deno);
  return copy;
}

/** What the stand-in for Deno was asked for, without what comes behind the first two words. */
async function callsOf(copy: ScriptCopy): Promise<readonly string[]> {
  const deno = await copy.pinnedDeno();
  const text = await Deno.readTextFile(`${deno.slice(0, deno.lastIndexOf("/"))}/calls`);
  return text.trimEnd().split("\n").map((line) => line.replaceAll(copy.root, "ROOT"));
}

const FETCH = "ROOT/.deno/cache ROOT install --frozen";

kernelTest(
  "require_imports() fetches once into the checkout, and anew for another lock",
  async () => {
    await using copy = await copyWithLock();
    const first = await copy.run("start.sh", ["run"]);
    match(first.stderr, /^Fetching the packages of deno\.lock from npm into \S+ \S+\.deno\/cache/);
    equal(first.code, 0);
    equal((await copy.run("start.sh", ["run"])).stderr, "");
    await Deno.writeTextFile(`${copy.root}/deno.lock`, '{"version":"5"}');
    match((await copy.run("start.sh", ["check"])).stderr, /^Fetching /);
    const calls = await callsOf(copy);
    deepEqual(calls.map((call) => call.includes(" install ")), [true, false, false, true, false]);
    deepEqual(calls.filter((call) => call.includes(" install ")), [FETCH, FETCH]);
    // The agent finds them there, and fetches nothing itself.
    match(calls[1] ?? "", /^ROOT\/\.deno\/cache .* run .*--cached-only/);
  },
);

kernelTest("require_imports() is not called for help, version and what is printed", async () => {
  await using copy = await copyWithLock();
  const commands = [["--help"], ["version"], ["--version"], ["check", "-h"], ["print", "unit"]];
  for (const args of commands) {
    equal((await copy.run("start.sh", args)).stderr, "");
  }
  equal((await callsOf(copy)).some((call) => call.includes(" install ")), false);
});

kernelTest("require_imports() shows what Deno said where it ends with an error", async () => {
  await using copy = await copyWithLock(`echo "error: Integrity check failed" >&2; exit 1`);
  const { code, stdout, stderr } = await copy.run("start.sh");
  match(
    stderr,
    /\nerror: Integrity check failed\nCannot fetch packages: \S+ \S+ install ended with an error/,
  );
  deepEqual({ code, stdout }, { code: 1, stdout: "" });
  await copy.deno(DENO);
  match((await copy.run("start.sh")).stderr, /^Fetching /);
});

kernelTest("require_imports() says whose checkout it is where it may not write", async () => {
  await using copy = await copyWithLock();
  const { code, stderr } = await copy.run("start.sh", ["check"], { wrap: AS_USER });
  match(
    stderr,
    /Cannot fetch packages: \S+ \S+ is not yours to write to\. Run this as root once\n$/,
  );
  equal(code, 1);
});

kernelTest("start.sh tells the agent where its packages are, through sudo too", async () => {
  await using copy = await copyWithLock();
  await copy.run("start.sh", ["run"]);
  await copy.program("sudo", PRINT_ARGS);
  const { stdout } = await copy.run("start.sh", ["run"], { wrap: AS_USER });
  match(
    stdout,
    /^\[--\]\n\[env\]\n\[DENO_NO_UPDATE_CHECK=1\]\n\[DENO_DIR=[^\]]*\/\.deno\/cache\]\n/,
  );
});
