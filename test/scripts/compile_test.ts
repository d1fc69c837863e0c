/** Tests of scripts/build.sh: one file, its version, and the launcher where no stub can be had. @module */
import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { kernelTest } from "../harness/kernel.ts";
import { output } from "../harness/process.ts";
import { PRINT_ARGS, ScriptCopy } from "./script_copy.ts";

/** What stands in for `deno compile` where the network gives no stub. */
const NO_STUB = `echo "error sending request for url (https://dl.deno.land/stub.zip)" >&2; exit 1`;

/** What makes a program that prints the options it was compiled with, and its version. */
const COMPILES = `options=$(printf '[%s]' "$@")
  while [ "$1" != --output ]; do
    if [ "$1" = --config ]; then version=$(sed -n 's/^  "version": "\\(.*\\)",/\\1/p' "$2"); fi
    shift
  done
  printf '#!/bin/sh\\necho "%s"\\necho "%s"\\n' "$version" "$options" >"$2"
  chmod 755 "$2"`;

/** The system's own programs, git among them. */
const systemPath = { PATH: Deno.env.get("PATH") ?? "" };

/** A copy with something to compile, and a stand-in for Deno's compiler. */
async function copyToCompile(compile: string, name = "checkout"): Promise<ScriptCopy> {
  const copy = await ScriptCopy.create(name);
  await Deno.mkdir(`${copy.root}/src`);
  await Deno.mkdir(`${copy.root}/bpf`);
  await Deno.mkdir(`${copy.root}/rules`);
  const project = `{\n  "name": "agent",\n  "version": "1.2.3",\n  "license": "MIT"\n}\n`;
  await Deno.writeTextFile(`${copy.root}/deno.json`, project);
  await Deno.writeTextFile(`${copy.root}/ebpf-agent.service`, "");
  await Deno.writeTextFile(`${copy.root}/.gitignore`, "/.deno/\n/dist/\n");
  await copy.deno(`if [ "$1" = compile ]; then ${compile}; else ${PRINT_ARGS}; fi`);
  return copy;
}

kernelTest("build.sh makes a launcher that runs the agent from wherever it is called", async () => {
  await using copy = await copyToCompile(NO_STUB, "a checkout");
  const { code, stdout, stderr } = await copy.run("build.sh");
  match(stderr, /^Cannot make one file, so .* is a launcher .*\nMade .*\/dist\/ebpf-agent\n$/);
  deepEqual({ code, stdout }, { code: 0, stdout: "" });
  const launcher = `${copy.root}/dist/ebpf-agent`;
  await Deno.symlink(launcher, `${copy.bin}/first`);
  await Deno.symlink("first", `${copy.bin}/ebpf-agent`);
  const direct = await copy.run("start.sh", ["run", "a b"]);
  const ways = [
    [launcher],
    ["env", "-C", "/", "ebpf-agent"],
    ["env", "-C", `${copy.root}/dist`, "./ebpf-agent"],
    ["env", "-C", `${copy.root}/dist`, "sh", "ebpf-agent"],
  ];
  for (const by of ways) deepEqual(await copy.run("", ["run", "a b"], { by }), direct);
  await output(["shellcheck", launcher]);
});

kernelTest("build.sh makes a launcher where the stub does not come in time", async () => {
  await using copy = await copyToCompile("exec sleep 60");
  await copy.replace("patience=300", "patience=0.1");
  const { code, stderr } = await copy.run("build.sh");
  match(stderr, /^Cannot make one file, .*\nMade /);
  equal(code, 0);
});

kernelTest("build.sh leaves nothing but what it made, also the second time", async () => {
  for (const compile of [NO_STUB, COMPILES]) {
    await using copy = await copyToCompile(compile);
    equal((await copy.run("build.sh")).code, 0);
    equal((await copy.run("build.sh")).code, 0);
    deepEqual(await made(copy), ["ebpf-agent"]);
  }
});

kernelTest("the launcher says where it belongs when it was copied elsewhere", async () => {
  await using copy = await copyToCompile(NO_STUB);
  await copy.run("build.sh");
  const elsewhere = `${copy.bin}/ebpf-agent`;
  await Deno.copyFile(`${copy.root}/dist/ebpf-agent`, elsewhere);
  const { code, stderr } = await copy.run("", [], { by: [elsewhere] });
  match(stderr, /^Cannot start the agent: \S+ is not in its checkout's dist\/\. Link to it/);
  equal(code, 1);
});

kernelTest(
  "build.sh compiles this machine's BPF objects in, with FFI, network and environment alone",
  async () => {
    await using copy = await copyToCompile(COMPILES, "a checkout");
    equal((await copy.run("build.sh")).code, 0);
    const [, options = ""] = await run(copy);
    const allowed = [...options.matchAll(/\[--(?:allow|deny|unstable)[^\]]*\]/g)].join("");
    equal(allowed, "[--allow-ffi][--allow-net][--allow-env]");
    match(options, /\[--no-prompt\]/);
    match(options, /\[--no-code-cache\]/);
    const included = [...options.matchAll(/\[--include\]\[[^\]]*\/bpf\/([^\]]+)\]/g)];
    const ending = Deno.build.arch === "aarch64" ? "arm64.bpf.o" : "bpf.o";
    const objects = [`agent.${ending}`, `agent.cast.${ending}`];
    deepEqual(included.map(([, name]) => name), objects);
  },
);

kernelTest("build.sh compiles with the Deno that DENO_COMPILE_DENO names", async () => {
  await using copy = await copyToCompile("exit 1");
  await copy.program("other", COMPILES);
  const env = { DENO_COMPILE_DENO: `${copy.bin}/other` };
  equal((await copy.run("build.sh", [], { env })).code, 0);
});

const FAILURES: readonly (readonly [what: string, compile: string, denort: string])[] = [
  ["Deno fails for another reason", `echo "error: a fault"; exit 1`, ""],
  ["Deno says that the stub of DENORT_BIN is not there", NO_STUB, "/absent"],
  [
    "what was compiled does not start",
    `${COMPILES}; printf '#!/bin/sh\\necho "error: a fault"; exit 1\\n' >"$2"`,
    "/other",
  ],
];
for (const [what, compile, denort] of FAILURES) {
  kernelTest(`build.sh fails, and leaves what is there, where ${what}`, async () => {
    await using copy = await copyToCompile(compile);
    await Deno.mkdir(`${copy.root}/dist`);
    await Deno.writeTextFile(`${copy.root}/dist/ebpf-agent`, "earlier");
    const env: Record<string, string> = denort ? { DENORT_BIN: denort } : {};
    const { code, stderr } = await copy.run("build.sh", [], { env });
    match(stderr, /^error.*\nCannot (?:compile|use) .* See above/);
    doesNotMatch(stderr, /launcher/);
    equal(code, 1);
    equal(await Deno.readTextFile(`${copy.root}/dist/ebpf-agent`), "earlier");
    deepEqual(await made(copy), ["ebpf-agent"]);
  });
}

const VERSIONS: readonly (readonly [what: string, steps: string, version: RegExp])[] = [
  ["outside of git", ":", /^1\.2\.3$/],
  ["before the first tag", "commit", /^1\.2\.3\+[0-9a-f]{7,}$/],
  ["at a tag", "commit; git tag v2.0.0", /^2\.0\.0$/],
  ["behind a tag", "commit; git tag v2.0.0; commit", /^2\.0\.0-1-g[0-9a-f]{7,}$/],
  ["with changes", "commit; git tag v2.0.0; echo >>deno.json", /^2\.0\.0-dirty$/],
  ["at a tag that is no version", "commit; git tag 'a/b&c'", /^1\.2\.3$/],
  ["inside of another repository", "git init -q ..; rm -rf .git", /^1\.2\.3$/],
];
for (const [what, steps, version] of VERSIONS) {
  kernelTest(`build.sh gives the version ${what}`, async () => {
    await using copy = await copyToCompile(COMPILES);
    const git = `set -e
      commit() {
        git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm a --allow-empty
      }
      cd "$1"; ${steps}`;
    await output(["sh", "-c", git, "sh", copy.root], { env: systemPath });
    equal((await copy.run("build.sh", [], { env: systemPath })).code, 0);
    match((await run(copy))[0] ?? "", version);
  });
}

/** What the program that was made prints. */
async function run(copy: ScriptCopy): Promise<readonly string[]> {
  return (await output([`${copy.root}/dist/ebpf-agent`])).split("\n");
}

async function made(copy: ScriptCopy): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(`${copy.root}/dist`))).map(({ name }) => name);
}
