/** Tests of scripts/build_bpf.sh and .ci/run, and of how all scripts are written. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { checkout } from "../harness/checkout.ts";
import { kernelTest } from "../harness/kernel.ts";
import { output, run } from "../harness/process.ts";
import { ScriptCopy, writeScript } from "./script_copy.ts";

/** A copy with the C code, which is built with the system's own tools. */
async function copyWithSource(name: string): Promise<ScriptCopy> {
  const copy = await ScriptCopy.create(name);
  const parts = ["bpf", "test", "bench", ".clang-format"].map((part) => `${checkout}/${part}`);
  await output(["cp", "-r", ...parts, copy.root]);
  await copy.deno("");
  return copy;
}

const systemPath = { PATH: Deno.env.get("PATH") ?? "" };

Deno.test("scripts pass shellcheck", async () => {
  const scripts = (await Array.fromAsync(Deno.readDir(`${checkout}/scripts`)))
    .map(({ name }) => `scripts/${name}`).filter((name) => name.endsWith(".sh")).sort();
  ok(scripts.length >= 6);
  const command = ["env", "-C", checkout, "shellcheck", "--external-sources"];
  deepEqual(await run([...command, ...scripts, ".ci/run"]), { code: 0, stdout: "", stderr: "" });
});

kernelTest("build_bpf.sh gives the committed object wherever the checkout lies", async () => {
  for (const name of ["checkout", "another place/for it"]) {
    await using copy = await copyWithSource(name);
    await Deno.remove(`${copy.root}/bpf/agent.bpf.o`);
    const built = await copy.run("build_bpf.sh", [], { env: systemPath });
    deepEqual(built, { code: 0, stdout: "", stderr: "Made bpf/agent.bpf.o\n" });
    const bytes = await Deno.readFile(`${copy.root}/bpf/agent.bpf.o`);
    const committed = await Deno.readFile(`${checkout}/bpf/agent.bpf.o`);
    ok(bytes.length === committed.length && bytes.every((byte, i) => byte === committed[i]));
    const text = new TextDecoder("latin1").decode(bytes);
    ok(text.includes("./bpf/events.h"), "line information is there");
    ok(!text.includes(copy.root), "and names no absolute path");
  }
});

kernelTest("build_bpf.sh --check refuses an object that is not what its source gives", async () => {
  await using copy = await copyWithSource("checkout");
  const check = () => copy.run("build_bpf.sh", ["--check"], { env: systemPath });
  deepEqual(await check(), { code: 0, stdout: "", stderr: "" });

  const source = `${copy.root}/bpf/agent.bpf.c`;
  const object = await Deno.readFile(`${copy.root}/bpf/agent.bpf.o`);
  await Deno.writeTextFile(source, "\nint added_later = 1;\n", { append: true });
  const { code, stderr } = await check();
  match(stderr, /^Cannot accept the BPF object: bpf\/agent\.bpf\.o is not what its source gives\./);
  equal(code, 1);
  deepEqual(await Deno.readFile(`${copy.root}/bpf/agent.bpf.o`), object);

  await copy.replace("clang_pinned=", "clang_pinned=0");
  const other = await check();
  match(other.stderr, /^Cannot check bpf\/agent\.bpf\.o: it is made with clang 0\S+ \(Debian 12\)/);
  equal(other.code, 3);
});

kernelTest("build_bpf.sh --check refuses C code that is not formatted", async () => {
  await using copy = await copyWithSource("checkout");
  await Deno.writeTextFile(`${copy.root}/test/later.c`, "int  a;\n");
  const { code, stderr } = await copy.run("build_bpf.sh", ["--check"], { env: systemPath });
  match(
    stderr,
    /test\/later\.c.*\n[^]*Cannot accept the BPF object: the C code is not formatted\./,
  );
  equal(code, 1);
});

kernelTest("build_bpf.sh says what it did not understand", async () => {
  await using copy = await ScriptCopy.create();
  for (const args of [["--chekc"], ["--check", "x"], [""]]) {
    const { code, stderr } = await copy.run("build_bpf.sh", args);
    match(stderr, /^Cannot build the BPF object: unknown arguments: .* Use --check or none\n$/);
    equal(code, 2);
  }
});

kernelTest(".ci/run runs test.sh, with nothing skipped", async () => {
  await using copy = await ScriptCopy.create();
  await Deno.mkdir(`${copy.root}/.ci`);
  await output(["cp", `${checkout}/.ci/run`, `${copy.root}/.ci`]);
  await writeScript(`${copy.root}/scripts/test.sh`, `echo "CI=$CI $#"; exit 4`);
  for (const by of [[`${copy.root}/.ci/run`], ["env", "-C", copy.root, ".ci/run"]]) {
    const { code, stdout } = await copy.run("", [], { by });
    deepEqual({ code, stdout }, { code: 4, stdout: "CI=true 0\n" });
  }
});
