/** Tests of scripts/start.sh: what it hands on, what it may do, and who it runs as. @module */
import { deepEqual, equal, match } from "node:assert/strict";
import { kernelTest } from "../harness/kernel.ts";
import { AS_USER, PRINT_ARGS, ScriptCopy, writeScript } from "./script_copy.ts";

/** The arguments that a stand-in for Deno was started with, after the name of main.ts. */
function optionsIn(stdout: string): string {
  return stdout.slice(stdout.indexOf("/src/main.ts]\n") + "/src/main.ts]\n".length);
}

kernelTest("start.sh hands every option on untouched, and says nothing itself", async () => {
  await using copy = await ScriptCopy.create();
  await copy.deno(PRINT_ARGS);
  const options = [
    "--events=none",
    "a b",
    "",
    "*",
    "--",
    "$HOME",
    "it's",
    '"',
    "two\nlines",
    "\\n",
  ];
  const { code, stdout, stderr } = await copy.run("start.sh", options);
  equal(optionsIn(stdout), options.map((option) => `[${option}]\n`).join(""));
  equal(stderr, "");
  equal(code, 0);
});

kernelTest("start.sh becomes the agent, so that signals reach it", async () => {
  await using copy = await ScriptCopy.create();
  await copy.deno("echo $$");
  const child = new Deno.Command(`${copy.root}/scripts/start.sh`, {
    clearEnv: true,
    env: { PATH: copy.path },
    stdout: "piped",
  }).spawn();
  const { stdout } = await child.output();
  equal(new TextDecoder().decode(stdout), `${child.pid}\n`);
});

kernelTest("start.sh ends as the agent ends", async () => {
  await using copy = await ScriptCopy.create();
  await copy.deno("exit 2");
  equal((await copy.run("start.sh")).code, 2);
});

for (const name of ["checkout", "with a space", "a,b", "quote'd"]) {
  kernelTest(`start.sh finds its checkout "${name}" however it is called`, async () => {
    await using copy = await ScriptCopy.create(name);
    await copy.deno(PRINT_ARGS);
    await Deno.symlink(`${copy.root}/scripts/start.sh`, `${copy.bin}/link`);
    await Deno.mkdir(`${copy.bin}/scripts`); // where CDPATH would lead
    const expected = `${copy.root}/src/main.ts]\n[x]\n`;
    const ways = [
      [`${copy.root}/scripts/start.sh`],
      [`${copy.bin}/link`],
      ["env", "-C", copy.root, "scripts/start.sh"],
      ["env", "-C", copy.root, `CDPATH=${copy.bin}`, "sh", "scripts/start.sh"],
      ["env", "-C", `${copy.root}/scripts`, "sh", "start.sh"],
      ["env", "-C", "/", "link"],
    ];
    for (const by of ways) {
      const { stdout } = await copy.run("", ["x"], { by });
      equal(stdout.slice(stdout.lastIndexOf("[/") + 1), expected, by.join(" "));
    }
  });
}

for (const name of ["checkout", "a,b c"]) {
  kernelTest(`start.sh gives the agent in "${name}" these permissions and no others`, async () => {
    await using copy = await ScriptCopy.create(name);
    await Deno.symlink(Deno.execPath(), `${copy.bin}/deno`);
    await Deno.writeTextFile(`${copy.root}/deno.json`, "{}");
    await Deno.mkdir(`${copy.root}/src`);
    await Deno.writeTextFile(
      `${copy.root}/src/main.ts`,
      `const state = (name: string, path?: string) =>
        Deno.permissions.querySync({ name, path } as Deno.PermissionDescriptor).state;
      const names = ["ffi", "net", "env", "read", "write", "run", "sys"];
      const states = Object.fromEntries(names.map((name) => [name, state(name)]));
      const root = new URL("..", import.meta.url);
      states.own = state("read", decodeURIComponent(root.pathname));
      console.log(JSON.stringify(states));`,
    );
    const { stdout, stderr } = await copy.run("start.sh", ["run"], { env: { HOME: copy.root } });
    equal(stderr, "");
    deepEqual(JSON.parse(stdout), {
      ffi: "granted",
      net: "granted",
      env: "granted",
      read: name.includes(",") ? "granted" : "prompt",
      write: "prompt",
      run: "prompt",
      sys: "prompt",
      own: "granted",
    });
  });
}

const versions = {
  "deno 2.4.2 (stable, release, x86_64-unknown-linux-gnu)": true,
  "deno 2.4.0": true,
  "deno 2.10.0": true,
  "deno 3.0.0": true,
  "deno 2.5.0-rc.1+abc": true,
  "deno 2.3.9": false,
  "deno 1.46.3": false,
  "deno 0.40.0": false,
  "deno": false,
  "": false,
  "node 20.1.0": false,
};
for (const [version, suits] of Object.entries(versions)) {
  kernelTest(
    `start.sh ${suits ? "takes" : "refuses"} a Deno on PATH that says "${version}"`,
    async () => {
      await using copy = await ScriptCopy.create();
      await writeScript(
        `${copy.bin}/deno`,
        `case $1 in
        --version) echo "${version}" ;;
        eval) echo "$0" ;;
        *) ${PRINT_ARGS} ;;
      esac`,
      );
      const { code, stdout, stderr } = await copy.run("start.sh", ["x"]);
      if (suits) {
        equal(optionsIn(stdout), "[x]\n");
      } else {
        match(
          stderr,
          /^Cannot install Deno: npm is not on PATH\. Install Node\.js with npm, or Deno/,
        );
        equal(stdout, "");
        equal(code, 3);
      }
    },
  );
}

kernelTest("start.sh runs the program that a wrapper on PATH stands for", async () => {
  await using copy = await ScriptCopy.create();
  await copy.program("real", `case $1 in --version) echo deno 2.4.2 ;; *) echo real ;; esac`);
  await copy.program("deno", `case $1 in eval) echo ${copy.bin}/real ;; *) echo wrapper ;; esac`);
  equal((await copy.run("start.sh")).stdout, "real\n");
});

kernelTest(
  "start.sh without root calls sudo, says so, and keeps the agent's variables",
  async () => {
    await using copy = await ScriptCopy.create();
    await copy.deno("");
    await copy.program("sudo", PRINT_ARGS);
    const { stdout, stderr } = await copy.run("start.sh", ["--duration=1s"], {
      wrap: AS_USER,
      env: { EBPF_AGENT_LOG_LEVEL: 'de"b $HOME `ug', OTHER: "x" },
    });
    equal(stderr, "Root is needed to run the agent: calling sudo\n");
    match(
      stdout,
      /^\[--\]\n\[env\]\n\[EBPF_AGENT_LOG_LEVEL=de"b \$HOME `ug\]\n\[DENO_NO_UPDATE_CHECK=1\]\n/,
    );
    match(stdout, /\n\[run\]\n/);
    equal(optionsIn(stdout), "[--duration=1s]\n");
  },
);

kernelTest("start.sh without root and without sudo says what to do", async () => {
  await using copy = await ScriptCopy.create();
  await copy.deno(PRINT_ARGS);
  const { code, stdout, stderr } = await copy.run("start.sh", [], { wrap: AS_USER });
  equal(stderr, "Cannot run the agent: this needs root, and there is no sudo. Run it as root\n");
  equal(stdout, "");
  equal(code, 3);
});

const FOR_ANYBODY = [
  ["check"],
  ["check", "--json"],
  ["print", "unit"],
  ["version"],
  ["--version"],
  ["--help"],
  ["run", "-h"],
];
for (const args of FOR_ANYBODY) {
  kernelTest(`start.sh ${args.join(" ")} needs neither root nor libbpf`, async () => {
    await using copy = await ScriptCopy.create();
    await copy.withoutLibbpf();
    await copy.deno(PRINT_ARGS);
    const { stdout, stderr } = await copy.run("start.sh", args, { wrap: AS_USER });
    equal(optionsIn(stdout), args.map((arg) => `[${arg}]\n`).join(""));
    equal(stderr, "");
  });
}
