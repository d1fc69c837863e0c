/** Tests of how the scripts find and install the system's packages. @module */
import { equal, match } from "node:assert/strict";
import { kernelTest } from "../harness/kernel.ts";
import { PRINT_ARGS, ScriptCopy } from "./script_copy.ts";

/** A system without libbpf, with a Deno that prints its arguments. */
async function bareSystem(): Promise<ScriptCopy> {
  const copy = await ScriptCopy.create();
  await copy.withoutLibbpf();
  await copy.deno(PRINT_ARGS);
  return copy;
}

/** Stands for apt-get and ldconfig: what was installed is then found. */
async function addApt(copy: ScriptCopy, update = "", install = ""): Promise<void> {
  await copy.program(
    "apt-get",
    `here=\${0%/*}
    echo "$DEBIAN_FRONTEND $*" >>"$here/calls"
    case " $* " in
      *" update "*) ${update || ":"} ;;
      *" install "*) ${install || `: >"$here/installed"`} ;;
    esac`,
  );
  await copy.program(
    "ldconfig",
    `[ ! -e "\${0%/*}/installed" ] || echo "	libabsent.so.1 (libc6,x86-64) => /opt/libabsent.so.1"`,
  );
}

kernelTest(
  "require() installs what is missing with apt-get, once and without questions",
  async () => {
    await using copy = await bareSystem();
    await addApt(copy, `echo Hit`, `echo Unpacking; : >"$here/installed"`);
    const { code, stdout, stderr } = await copy.run("start.sh", ["x"]);
    equal(stderr, "Installing libbpf1 with apt-get (once)\n");
    match(stdout, /\[x\]\n$/);
    equal(code, 0);
    equal((await copy.run("start.sh", ["x"])).stderr, "");
    const calls = (await Deno.readTextFile(`${copy.bin}/calls`)).trim().split("\n");
    equal(calls.length, 2);
    match(calls[0] ?? "", /^noninteractive .*DPkg::Lock::Timeout=120 update$/);
    match(calls[1] ?? "", /^noninteractive .*-y .*DPkg::Lock::Timeout=120 install libbpf1$/);
  },
);

kernelTest("require() shows what apt-get said where it ends with an error", async () => {
  await using copy = await bareSystem();
  await addApt(copy, "", `echo "E: no such package" >&2; exit 100`);
  const { code, stdout, stderr } = await copy.run("start.sh");
  match(
    stderr,
    /\nE: no such package\nCannot install libbpf1: apt-get install ended with an error/,
  );
  equal(stdout, "");
  equal(code, 1);
});

kernelTest("require() goes on with the lists there are where they cannot be updated", async () => {
  await using copy = await bareSystem();
  await addApt(copy, `echo "E: no network" >&2; exit 100`);
  const { code, stderr } = await copy.run("start.sh");
  match(stderr, /\nE: no network\n$/);
  equal(code, 0);
});

kernelTest("require() waits for another apt-get that updates the lists", async () => {
  await using copy = await bareSystem();
  await copy.program("sleep", "");
  await addApt(
    copy,
    `[ -e "$here/second" ] || { : >"$here/second"; echo "E: Could not get lock"; exit 100; }`,
  );
  const { code, stderr } = await copy.run("start.sh");
  match(stderr, /\nWaiting for another apt-get\n$/);
  equal(code, 0);
  const calls = await Deno.readTextFile(`${copy.bin}/calls`);
  equal(calls.split(" update\n").length - 1, 2);
});

kernelTest("require() says where a package did not bring what was needed", async () => {
  await using copy = await bareSystem();
  await addApt(copy, "", ":");
  const { code, stderr } = await copy.run("start.sh");
  match(stderr, /\nCannot find libabsent\.so\.1: its package is installed, but it is not in/);
  equal(code, 1);
});

kernelTest("require() names the packages of every system where there is no apt-get", async () => {
  await using copy = await bareSystem();
  const { code, stdout, stderr } = await copy.run("start.sh");
  equal(
    stderr,
    `Cannot find libabsent.so.1: this system has no apt-get to install it with. Install libabsent.so.1, for example with one of these:
  dnf install libbpf
  pacman -S libbpf
  apk add libbpf
  zypper install libbpf1
`,
  );
  equal(stdout, "");
  equal(code, 3);
});

const commands = {
  dnf: "dnf install libbpf",
  pacman: "pacman -S libbpf",
  apk: "apk add libbpf",
  zypper: "zypper install libbpf1",
};
for (const [manager, command] of Object.entries(commands)) {
  kernelTest(
    `require() names the command where ${manager} is there, and calls nothing`,
    async () => {
      await using copy = await bareSystem();
      await copy.program(manager, "echo called >&2");
      const { code, stderr } = await copy.run("start.sh");
      match(stderr, new RegExp(`Install libabsent\\.so\\.1: ${command}\\n$`));
      equal(code, 3);
    },
  );
}

kernelTest("require() asks for nothing that is there, on a system without apt-get", async () => {
  await using copy = await bareSystem();
  await copy.program("ldconfig", "echo '	libabsent.so.1 (libc6,x86-64) => /opt/libabsent.so.1'");
  const { code, stderr } = await copy.run("start.sh");
  equal(stderr, "");
  equal(code, 0);
});

kernelTest("test.sh names every package that it misses, on a system without apt-get", async () => {
  await using copy = await ScriptCopy.create();
  await copy.program("pacman", "");
  const { code, stderr } = await copy.run("test.sh");
  match(stderr, /^Cannot find .*\bclang\b.*: this system has no apt-get/);
  match(stderr, /: pacman -S .*\bclang .*\bgcc .*\bshellcheck strace\b.*\n$/);
  equal(code, 3);
});
