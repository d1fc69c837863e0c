/** The program in one file, alone: nothing around it but the kernel, libbpf and the C library. @module */
import assert from "node:assert/strict";
import { checkout } from "./harness/checkout.ts";
import { buildProgram, hasStub } from "./harness/compiled.ts";
import { output, run } from "./harness/process.ts";

/** What goes through the end-to-end tests: events, counters, the ledger, signals, sudo, recordings. */
const END_TO_END = ["events", "seeds", "ledger", "cleanup", "signals", "origin", "record"];

const MOST_BYTES = 90e6;

/** Of a checkout, what is made there and not part of it. */
const NOT_SOURCE: ReadonlySet<string> = new Set([".git", ".deno", "build", "dist"]);

compiledTest("build.sh gives the same bytes for the same commit, wherever it lies", async () => {
  await using folder = await temporaryFolder();
  const first = `${folder.path}/checkout`;
  const second = `${folder.path}/another place/for the agent`;
  await copyCheckout(first);
  const commit = `cd "$1"; git init -q . && git add . &&
    git -c user.name=a -c user.email=a@b commit -qm a && git tag v9.8.7 && git clone -q . "$2"`;
  await output(["sh", "-c", commit, "sh", first, second]);
  const programs = [await buildProgram(first), await buildProgram(second)];
  const [here, there] = programs.map((path) => Deno.readFileSync(path));
  assert.ok(here && there && here.length === there.length);
  assert.ok(here.every((byte, at) => byte === there[at]), "the bytes differ");
  assert.match(await output([`${programs[0]}`, "version"]), /^ebpf-agent 9\.8\.7 \(deno /);
});

compiledTest("the program passes the end-to-end tests in an empty directory", async () => {
  await using folder = await temporaryFolder();
  await copyCheckout(`${folder.path}/checkout`);
  const alone = `${folder.path}/alone`;
  await Deno.mkdir(alone);
  await Deno.rename(await buildProgram(`${folder.path}/checkout`), `${alone}/ebpf-agent`);
  await Deno.remove(`${folder.path}/checkout`, { recursive: true });
  const { size } = await Deno.stat(`${alone}/ebpf-agent`);
  say(`The program has ${(size / 1e6).toFixed(1)} MB`);
  assert.ok(size <= MOST_BYTES, `${size} bytes`);

  // No environment, and so no PATH either.
  const command = ["/usr/bin/env", "-i", "-C", alone, `${alone}/ebpf-agent`];
  assert.match(await output([...command, "version"]), /^ebpf-agent \d/);
  const tests = END_TO_END.map((name) => `${checkout}/test/${name}_test.ts`);
  const { code, stdout, stderr } = await run(
    [Deno.execPath(), "test", "--allow-all", "--no-check", ...tests],
    {
      env: { ...Deno.env.toObject(), NO_COLOR: "1", EBPF_AGENT_UNDER_TEST: command.join(" ") },
      timeoutMs: 600_000,
    },
  );
  const summary = /^ok \| \d+ passed.*$/m.exec(stdout)?.[0];
  assert.equal(code, 0, stdout + stderr);
  assert.ok(summary && !summary.includes("ignored"), stdout);
  say(`Its end-to-end tests: ${summary}`);

  // What it reads a configuration with is in it.
  const config = `${folder.path}/config.yaml`;
  await Deno.writeTextFile(config, "rules: [{ name: a, on: exec, path: sudo }]\n");
  const checked = await output([
    "unshare",
    "--net",
    ...command,
    "check",
    `--config.file=${config}`,
  ]);
  assert.match(checked, /^ {2}rules {5}1$/m);

  const left = (await Array.fromAsync(Deno.readDir(alone))).map(({ name }) => name);
  assert.deepEqual(left, ["ebpf-agent"]);
  // Deno's code cache would be there, under a name that anybody can foretell.
  const trace = `${folder.path}/trace`;
  await output(["strace", "-f", "-e", "trace=open,openat", "-o", trace, ...command, "version"]);
  const opened = await Deno.readTextFile(trace);
  assert.match(opened, /libc\.so\.6/);
  assert.doesNotMatch(opened, /"\/tmp\/[^"]*\.cache"/);
});

/** A test for where the stub can be had, and root; in CI it runs all the same, and fails. */
function compiledTest(name: string, run: () => Promise<void>): void {
  const reason = Deno.uid() !== 0
    ? "needs root"
    : hasStub()
    ? undefined
    : "DENORT_BIN names no runtime stub";
  const ignore = reason !== undefined && !(Deno.uid() !== 0 && Deno.env.has("CI"));
  Deno.test({ name: ignore ? `${name} (skipped: ${reason})` : name, ignore, fn: run });
}

/** Copies what is part of the checkout, committed or not. */
async function copyCheckout(to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(checkout)) {
    if (!NOT_SOURCE.has(name)) await output(["cp", "-r", `${checkout}/${name}`, to]);
  }
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "compiled-" });
  // Whoever the tests run the program as has to come to it.
  await Deno.chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
