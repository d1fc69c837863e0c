/** Tests of how the scripts install Deno from npm. @module */
import { deepEqual, equal, match } from "node:assert/strict";
import { output, until } from "../harness/process.ts";
import { kernelTest } from "../harness/kernel.ts";
import { PRINT_ARGS, ScriptCopy, writeScript } from "./script_copy.ts";

/** Stands for npm: puts a program where the real one does, and says in `calls` that it ran. */
const NPM = `
  folder=$3
  echo "$*" >>"\${0%/*}/calls"
  mkdir -p "$folder/node_modules/@deno/linux-x64-glibc"
  cp "\${0%/*}/stand-in" "$folder/node_modules/@deno/linux-x64-glibc/deno"`;

async function copyWithNpm(npm = NPM): Promise<ScriptCopy> {
  const copy = await ScriptCopy.create();
  await writeScript(`${copy.bin}/stand-in`, PRINT_ARGS);
  await copy.program("npm", npm);
  const sum = await output(["sha256sum", `${copy.bin}/stand-in`]);
  const lib = await Deno.readTextFile(`${copy.root}/scripts/lib.sh`);
  const pinned = /^deno_sha256_x86_64=(.+)$/m.exec(lib)?.[1] ?? "";
  await copy.replace(pinned, sum.slice(0, 64));
  return copy;
}

/** What stands in the checkout's .deno, without what an installed Deno is. */
async function leftIn(copy: ScriptCopy): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(`${copy.root}/.deno`)))
    .map(({ name }) => name).filter((name) => name.startsWith("install."));
}

kernelTest("install_deno() brings Deno once, and says so on stderr", async () => {
  await using copy = await copyWithNpm();
  const first = await copy.run("start.sh", ["x"]);
  match(first.stderr, /^Installing Deno \S+ from npm into \S+\/\.deno \(once\)\n$/);
  match(first.stdout, /\[x\]\n$/);
  const second = await copy.run("start.sh", ["x"]);
  equal(second.stderr, "");
  equal(second.stdout, first.stdout);
  const calls = (await Deno.readTextFile(`${copy.bin}/calls`)).trim().split("\n");
  equal(calls.length, 1);
  match(calls[0] ?? "", /^install --prefix \S+ .*--ignore-scripts .*deno@\d+\.\d+\.\d+$/);
  deepEqual(await leftIn(copy), []);
});

kernelTest("install_deno() refuses what is not the pinned Deno", async () => {
  await using copy = await copyWithNpm();
  await writeScript(`${copy.bin}/stand-in`, `${PRINT_ARGS}; echo other`);
  const { code, stdout, stderr } = await copy.run("start.sh");
  match(stderr, /\nCannot install Deno: what npm brought is not Deno \S+ \(its SHA-256 differs\)/);
  equal(stdout, "");
  equal(code, 1);
  deepEqual(await leftIn(copy), []);
});

kernelTest("install_deno() shows what npm said where it ends with an error", async () => {
  await using copy = await copyWithNpm(`echo out; echo "npm error E418 teapot" >&2; exit 1`);
  const { code, stdout, stderr } = await copy.run("start.sh");
  match(
    stderr,
    /\nout\nnpm error E418 teapot\nCannot install Deno: npm install deno@\S+ ended with an error/,
  );
  equal(stdout, "");
  equal(code, 1);
  deepEqual(await leftIn(copy), []);
});

kernelTest("install_deno() says what to do where npm has no Deno for the system", async () => {
  await using copy = await copyWithNpm(`mkdir -p "$3/node_modules/deno"`);
  await copy.program("apk", "");
  const { code, stderr } = await copy.run("start.sh");
  match(stderr, /\nCannot install Deno: npm has none for this system\. .*: apk add deno\n$/);
  equal(code, 3);
});

kernelTest("install_deno() says what to do where Deno does not run on the system", async () => {
  await using copy = await copyWithNpm();
  await writeScript(`${copy.bin}/stand-in`, "echo GLIBC_2.99 not found >&2; exit 1");
  await copy.program("sha256sum", "");
  const { code, stderr } = await copy.run("start.sh");
  match(
    stderr,
    /\nGLIBC_2\.99 not found\nCannot install Deno: Deno \S+ does not run on this system\./,
  );
  equal(code, 3);
});

kernelTest("install_deno() can run twice at once", async () => {
  await using copy = await copyWithNpm(`sleep 0.3\n${NPM}`);
  const both = await Promise.all([copy.run("start.sh", ["x"]), copy.run("start.sh", ["x"])]);
  for (const { code, stdout } of both) {
    match(stdout, /\[x\]\n$/);
    equal(code, 0);
  }
  deepEqual(await leftIn(copy), []);
});

kernelTest("install_deno() leaves nothing half done when it is interrupted", async () => {
  await using copy = await copyWithNpm(`${NPM}\n: >"\${0%/*}/started"\nexec sleep 60`);
  // A process group of its own, as a terminal gives it.
  const child = new Deno.Command("setsid", {
    args: [`${copy.root}/scripts/start.sh`],
    clearEnv: true,
    env: { PATH: copy.path },
    stderr: "null",
  }).spawn();
  await until("npm runs", () => exists(`${copy.bin}/started`) || undefined);
  Deno.kill(-child.pid, "SIGINT");
  await child.status;
  await until("the folder is gone", async () => (await leftIn(copy)).length === 0 || undefined);
  equal(exists(await copy.pinnedDeno()), false);
  await copy.program("npm", NPM);
  match((await copy.run("start.sh", ["x"])).stdout, /\[x\]\n$/);
});

kernelTest(
  "install_deno() removes what a killed one left long ago, and nothing newer",
  async () => {
    await using copy = await copyWithNpm();
    for (const [name, hours] of [["install.old", 2], ["install.new", 0]] as const) {
      const folder = `${copy.root}/.deno/${name}`;
      await Deno.mkdir(folder, { recursive: true });
      const time = new Date(Date.now() - hours * 3_600_000);
      await Deno.utime(folder, time, time);
    }
    await copy.run("start.sh");
    deepEqual(await leftIn(copy), ["install.new"]);
  },
);

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
