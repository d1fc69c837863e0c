/** Tests of install.sh: into a folder, again, with another program, and away again. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { RULE_PACK } from "../src/cli/printable.ts";
import { agentCommand } from "./harness/agent.ts";
import { checkout } from "./harness/checkout.ts";
import { Installation } from "./harness/installation.ts";
import { output, run } from "./harness/process.ts";

const CONFIG = "/etc/ebpf-agent/config.yaml";
const SETTINGS = "/etc/ebpf-agent/environment";
const UNIT = "/etc/systemd/system/ebpf-agent.service";
const RULES = RULE_PACK.map((name) => `/etc/ebpf-agent/${name}`);
const MAN = "/usr/local/share/man/man8/ebpf-agent.8";

/** What is installed, and the mode and content of each file. */
const INSTALLED = {
  [CONFIG]: "644 # 1\n# Settings and rules",
  [SETTINGS]: "644 # 1",
  "/etc/ebpf-agent/installed":
    "644 # What install.sh has made here, and install.sh --uninstall takes",
  ...Object.fromEntries(RULES.map((path) => [path, "644 # 1\n# "])),
  [UNIT]: "644 # Installed by install.sh.",
  "/usr/local/bin/ebpf-agent": "755 #!/bin/sh\n",
  "/usr/local/share/bash-completion/completions/ebpf-agent": "644 # 1\n# bash completion",
  "/usr/local/share/fish/vendor_completions.d/ebpf-agent.fish": "644 # 1\ncomplete -c ebpf-agent",
  "/usr/local/share/man/man8/ebpf-agent.8": "644 # 1\n.TH EBPF\\-AGENT 8",
  "/usr/local/share/zsh/site-functions/_ebpf-agent": "644 # 1\n#compdef ebpf-agent",
};

Deno.test("install.sh passes shellcheck", async () => {
  equal(await output(["shellcheck", `${checkout}/install.sh`]), "");
});

Deno.test("install.sh installs program, service, settings, man page and completions", async () => {
  await using installation = await Installation.create();
  const { code, stdout, stderr } = await installation.run([await installation.program("1")]);
  deepEqual({ code, stderr }, { code: 0, stderr: "" });
  match(stdout, /\nebpf-agent 1\n$/);
  deepEqual(await installation.files(), Object.keys(INSTALLED).sort());
  const tree = await installation.tree();
  for (const [path, begins] of Object.entries(INSTALLED)) {
    ok(tree.get(path)?.startsWith(begins), `${path}: ${tree.get(path)?.slice(0, 100)}`);
  }
});

Deno.test("install.sh --prefix is where the unit starts the program, also in an upgrade", async () => {
  await using installation = await Installation.create();
  const program = await installation.program("1");
  const places = [
    { args: ["--prefix=/opt/agent-1.0/"], prefix: "/opt/agent-1.0" },
    { args: [], prefix: "/opt/agent-1.0" },
    { args: ["--prefix=/usr"], prefix: "/usr" },
  ];
  for (const { args, prefix } of places) {
    equal((await installation.run([...args, program])).code, 0);
    const expected = Object.keys(INSTALLED).map((path) => path.replace("/usr/local", prefix));
    deepEqual(await installation.files(), expected.sort());
    match(
      (await installation.tree()).get(UNIT) ?? "",
      new RegExp(`^ExecStart=${prefix}/bin/`, "m"),
    );
  }
  equal((await installation.run(["--uninstall"])).code, 0);
  deepEqual(await installation.tree(), new Map());
});

Deno.test("install.sh --dry-run says what it would do, and does nothing", async () => {
  await using installation = await Installation.create();
  const program = await installation.program("1");
  const saysWhatItDoes = async (args: readonly string[]) => {
    const before = await installation.tree();
    const dry = await installation.run([...args, "--dry-run"]);
    deepEqual({ code: dry.code, stderr: dry.stderr }, { code: 0, stderr: "" });
    deepEqual(await installation.tree(), before);
    const { stdout } = await installation.run(args);
    const done = stdout.split("\n").filter((line) => /^(install|keep|remove) /.test(line));
    ok(done.length >= Object.keys(INSTALLED).length);
    equal(dry.stdout, done.map((line) => `would ${line}\n`).join(""));
  };
  await saysWhatItDoes([program]);
  await Deno.writeTextFile(installation.root + SETTINGS, "EBPF_AGENT_ARGS=none\n");
  await saysWhatItDoes(["--prefix=/usr", program]);
  await saysWhatItDoes(["--uninstall"]);
});

Deno.test("install.sh run twice leaves what it left the first time", async () => {
  await using installation = await Installation.create();
  const program = await installation.program("1");
  await installation.run([program]);
  const once = await installation.tree();
  const { code, stderr } = await installation.run([program]);
  deepEqual({ code, stderr }, { code: 0, stderr: "" });
  deepEqual(await installation.tree(), once);
});

Deno.test("install.sh replaces all but settings that were changed", async () => {
  await using installation = await Installation.create();
  await installation.run([await installation.program("1")]);
  await installation.run([await installation.program("2")]);
  const second = await installation.tree();
  for (const path of [CONFIG, SETTINGS, MAN]) match(second.get(path) ?? "", /^644 # 2\n/);
  for (const [index, [path, other]] of [[CONFIG, SETTINGS], [SETTINGS, CONFIG]].entries()) {
    await using installation = await Installation.create();
    await installation.run([await installation.program("1")]);
    await Deno.writeTextFile(installation.root + path, "# mine\n");
    const { stdout } = await installation.run([await installation.program("2")]);
    match(stdout, new RegExp(`^keep \\S+${path}$`, "m"));
    const tree = await installation.tree();
    equal(tree.get(`${path}`), "644 # mine\n", `${index}`);
    for (const replaced of [other, MAN]) match(tree.get(`${replaced}`) ?? "", /^644 # 2\n/);
  }
});

Deno.test("install.sh overwrites no configuration that was there before it", async () => {
  await using installation = await Installation.create();
  await Deno.mkdir(`${installation.root}/etc/ebpf-agent`, { recursive: true });
  await Deno.writeTextFile(installation.root + CONFIG, "output: text\n");
  await installation.run([await installation.program("1")]);
  equal((await installation.tree()).get(CONFIG), "644 output: text\n");
  await installation.run([await installation.program("2")]);
  equal((await installation.tree()).get(CONFIG), "644 output: text\n");
  await installation.run(["--uninstall"]);
  deepEqual(await installation.files(), [CONFIG]);
});

Deno.test("install.sh --uninstall leaves what was there before, and nothing else", async () => {
  await using installation = await Installation.create();
  const there = ["/etc/systemd/system", "/usr/local/bin", "/usr/local/share/man/man8"];
  for (const path of there) await Deno.mkdir(installation.root + path, { recursive: true });
  await Deno.writeTextFile(`${installation.root}/usr/local/bin/other`, "");
  const before = await installation.tree();
  await installation.run([await installation.program("1")]);
  await installation.run([await installation.program("2")]);
  const { code, stderr } = await installation.run(["--uninstall"]);
  deepEqual({ code, stderr }, { code: 0, stderr: "" });
  deepEqual(await installation.tree(), before);
  const again = await installation.run(["--uninstall"]);
  match(again.stdout, /^There is nothing to uninstall: /);
  equal(again.code, 0);
});

Deno.test("install.sh leaves an admin's own copies beside its files, and follows no link there", async () => {
  await using installation = await Installation.create();
  const program = `${installation.root}/usr/local/bin/ebpf-agent`;
  await Deno.mkdir(`${installation.root}/usr/local/bin`, { recursive: true });
  await Deno.writeTextFile(`${program}.old`, "the version before");
  await Deno.writeTextFile(`${installation.root}/other`, "not the agent's");
  await Deno.symlink("../../../other", `${program}.new`);
  const before = await installation.tree();
  const installed = async (version: string) => {
    equal((await installation.run([await installation.program(version)])).code, 0);
    const after = await installation.tree();
    for (const [path, what] of before) equal(after.get(path), what, path);
  };
  await installed("1");
  await installed("2");
  equal((await installation.run(["--uninstall"])).code, 0);
  deepEqual(await installation.tree(), before);
});

Deno.test("install.sh --uninstall keeps settings that were changed, and names them", async () => {
  await using installation = await Installation.create();
  const program = await installation.program("1");
  await installation.run([program]);
  const changed = { [CONFIG]: "args: none\n", [SETTINGS]: "EBPF_AGENT_ARGS=none\n" };
  for (const [path, text] of Object.entries(changed)) {
    await Deno.writeTextFile(installation.root + path, text);
  }
  await Deno.mkdir(`${installation.root}${UNIT}.d`);
  const { code, stdout } = await installation.run(["--uninstall"]);
  equal(code, 0);
  for (const path of [...Object.keys(changed), `${UNIT}.d`]) {
    match(stdout, new RegExp(`^keep \\S+${path}$`, "m"));
  }
  deepEqual(await installation.files(), Object.keys(changed));
  await installation.run([program]);
  for (const [path, text] of Object.entries(changed)) {
    equal((await installation.tree()).get(path), `644 ${text}`);
  }
});

Deno.test("install.sh names all rules of the pack, which are in use as they are installed", async () => {
  await using installation = await Installation.create();
  await installation.run([await installation.program("1")]);
  const { stdout } = await run([
    ...agentCommand(),
    "check",
    `--config.file=${installation.root}${CONFIG}`,
  ]);
  match(stdout, /^\S+config\.yaml is right\.$/m);
  for (const name of RULE_PACK) match(stdout, new RegExp(`^ +\\d+ in \\S+/${name}$`, "m"));
});

Deno.test("install.sh keeps rules that were changed, and those that are not its own", async () => {
  await using installation = await Installation.create();
  await installation.run([await installation.program("1")]);
  const [mine, removed, ...others] = RULES;
  const own = "/etc/ebpf-agent/rules/own.yaml";
  const changed = { [`${mine}`]: "rules: []\n", [own]: "rules: []\n" };
  for (const [path, text] of Object.entries(changed)) {
    await Deno.writeTextFile(installation.root + path, text);
  }
  await Deno.remove(`${installation.root}${removed}`);
  for (const version of ["2", "3"]) {
    const { stdout } = await installation.run([await installation.program(version)]);
    match(stdout, new RegExp(`^keep \\S+${mine}$`, "m"));
    const tree = await installation.tree();
    for (const [path, text] of Object.entries(changed)) equal(tree.get(path), `644 ${text}`);
    for (const path of others) match(tree.get(path) ?? "", new RegExp(`^644 # ${version}\n`));
    equal(tree.get(`${removed}`), undefined);
  }
  const { stdout } = await installation.run(["--uninstall"]);
  match(stdout, new RegExp(`^keep \\S+${mine}$`, "m"));
  deepEqual(await installation.files(), Object.keys(changed).sort());
});

Deno.test("install.sh takes rules away that are no longer in the pack, unless they were changed", async () => {
  for (const text of [undefined, "rules: []\n"]) {
    await using installation = await Installation.create();
    const program = await installation.program("1");
    await installation.run([program]);
    const old = "/etc/ebpf-agent/rules/old.yaml";
    const manifest = `${installation.root}/etc/ebpf-agent/installed`;
    await Deno.writeTextFile(manifest, `file ${old}\n`, { append: true });
    const folder = program.slice(0, program.lastIndexOf("/"));
    await Deno.writeTextFile(`${folder}/rules/old.yaml`, "# 1\n");
    await Deno.writeTextFile(installation.root + old, text ?? "# 1\n");
    await installation.run([await installation.program("2")]);
    equal((await installation.tree()).get(old), text === undefined ? undefined : `644 ${text}`);
  }
});

Deno.test("install.sh ends wrong usage with 2, and one sentence", async () => {
  await using installation = await Installation.create();
  const program = await installation.program("1");
  const cases: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
    [["--unistall"], /^Unknown option --unistall \(see install\.sh --help\)\n$/],
    [
      ["--prefix=relative", program],
      /^--prefix=relative: is no absolute path such as \/usr\/local\n$/,
    ],
    [["--prefix=/a b", program], /^--prefix=\/a b: only letters, digits and /],
    [["--prefix=/a;b", program], /^--prefix=\/a;b: only letters, digits and /],
    [[program, "x"], /^Unexpected argument x: the program is \S+ already\n$/],
    [["/nowhere"], /^Cannot find the program: there is no file \/nowhere\n$/],
  ];
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await installation.run(args);
    match(stderr, sentence);
    deepEqual({ code, stdout }, { code: 2, stdout: "" });
  }
  deepEqual(await installation.tree(), new Map());
  const help = await installation.run(["--help"]);
  match(help.stdout, /^Usage: install\.sh /);
  equal(help.code, 0);
});

Deno.test("install.sh installs the program that stands beside it", async () => {
  await using installation = await Installation.create();
  const program = await installation.program("1");
  const env = { PATH: Deno.env.get("PATH") ?? "", DESTDIR: installation.root };
  const folder = program.slice(0, program.lastIndexOf("/"));
  await Deno.copyFile(`${checkout}/install.sh`, `${folder}/install.sh`);
  for (const place of ["ebpf-agent", "dist/ebpf-agent"]) {
    if (place !== "ebpf-agent") {
      await Deno.mkdir(`${folder}/dist`);
      await Deno.rename(program, `${folder}/${place}`);
    }
    const { code, stderr } = await run(["env", "-C", folder, "sh", "install.sh"], { env });
    deepEqual({ code, stderr }, { code: 0, stderr: "" });
    equal((await run([`${checkout}/install.sh`, "--uninstall"], { env })).code, 0);
  }
  await Deno.remove(`${folder}/dist`, { recursive: true });
  const none = await run([`${folder}/install.sh`], { env });
  match(
    none.stderr,
    /^Cannot find the program: there is no \S+\/ebpf-agent\. Copy it there, or name/,
  );
  equal(none.code, 2);
});
