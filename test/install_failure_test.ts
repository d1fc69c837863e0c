/** Tests of install.sh where it fails: it changes nothing, and says what to do. @module */
import { deepEqual, equal, match } from "node:assert/strict";
import { checkout } from "./harness/checkout.ts";
import { Installation } from "./harness/installation.ts";
import { kernelTest } from "./harness/kernel.ts";
import { run } from "./harness/process.ts";
import { AS_USER, PRINT_ARGS, ScriptCopy } from "./scripts/script_copy.ts";

/** What goes wrong: commands before the installation, as root with mounts of one's own. */
const FAILURES = [
  {
    name: "a file is in the place of a folder",
    prepare: "mkdir -p usr/local/share; rm -rf usr/local/share/fish; : >usr/local/share/fish",
    says: /^Cannot make the folder \S+\/share\/fish: File exists$/m,
  },
  {
    name: "a folder is in the place of a file",
    prepare:
      "folder=usr/local/share/zsh/site-functions; rm -rf $folder; mkdir -p $folder/_ebpf-agent",
    says: /^Cannot install \S+\/_ebpf-agent: a folder is there\. Remove it$/m,
  },
  {
    name: "the disk is full",
    prepare: "mkdir -p usr/local/bin && mount -t tmpfs -o size=4k tmpfs usr/local/bin",
    program: `# ${"x".repeat(9000)}`,
    says: /^Cannot install \S+\/bin\/ebpf-agent: No space left on device$/m,
  },
  {
    name: "what is there can be neither linked nor copied whole",
    prepare: `mkdir -p usr/local/bin && mount -t tmpfs -o size=16k tmpfs usr/local/bin
      head -c 9000 /dev/zero >usr/local/bin/ebpf-agent
      mkdir bin && ln -s /bin/false bin/ln && PATH=$PWD/bin:$PATH`,
    says: /^Cannot save \S+\/bin\/ebpf-agent: No space left on device$/m,
  },
  {
    name: "a folder is read-only",
    prepare: "mkdir -p etc/ebpf-agent && mount -t tmpfs -o ro tmpfs etc/ebpf-agent",
    says: /^Cannot install \S+\/config\.yaml: Read-only file system$/m,
  },
  {
    name: "the program does not run",
    program: `echo "Cannot start the agent: no" >&2; exit 1`,
    says: /^Cannot run \S+ on this machine: Cannot start the agent: no\. Take one/m,
  },
  {
    name: "the program ends in the middle",
    program: `[ "$2" != fish ] || { echo "out of memory" >&2; exit 1; }`,
    says: /^Cannot run \S+ on this machine: out of memory\. Take one/m,
  },
  {
    name: "somebody presses Ctrl+C",
    program: `[ "$2" != fish ] || { kill -INT $PPID; sleep 1; }`,
    says: /^All is as it was before/,
    code: 130,
  },
] as const satisfies readonly {
  readonly name: string;
  readonly prepare?: string;
  readonly program?: string;
  readonly says: RegExp;
  readonly code?: number;
}[];

const IN_NAMESPACE = ["unshare", "--mount", "--propagation=private", "sh", "-c"] as const;
const PATH = Deno.env.get("PATH") ?? "";

/** Files and folders with mode, links and sums, before and after install.sh. */
const BEFORE_AND_AFTER = `
  tree() { find . ! -path . -printf '%p %y %m %l\\n' | sort; find . -type f -exec sha256sum {} + | sort; }
  cd "$DESTDIR" && eval "$1"
  tree
  echo ---
  "$2" "$3" >/dev/null || code=$?
  tree
  exit "\${code-0}"`;

for (const { name, says, ...failure } of FAILURES) {
  kernelTest(`install.sh puts all back as it was where ${name}`, async () => {
    for (const upgrade of [false, true]) {
      await using installation = await Installation.create();
      if (upgrade) await installation.run([await installation.program("1")]);
      const program = await installation.program("2", "program" in failure ? failure.program : "");
      const prepare = "prepare" in failure ? failure.prepare : "";
      const { code, stdout, stderr } = await run([
        ...IN_NAMESPACE,
        BEFORE_AND_AFTER,
        "sh",
        prepare,
        `${checkout}/install.sh`,
        program,
      ], { env: { PATH, DESTDIR: installation.root } });
      match(stderr, says);
      match(stderr, /^All is as it was before\. Remove the cause and run it again\n$/m);
      equal(code, "code" in failure ? failure.code : 1);
      const [before, after] = stdout.split("---\n");
      equal(after, before);
    }
  });
}

kernelTest("install.sh --uninstall puts all back as it was where it fails", async () => {
  await using installation = await Installation.create();
  await installation.run([await installation.program("1")]);
  const readOnly = "f=usr/local/share/fish; mount --bind $f $f && mount -o remount,ro,bind $f";
  const { code, stdout, stderr } = await run(
    [...IN_NAMESPACE, BEFORE_AND_AFTER, "sh", readOnly, `${checkout}/install.sh`, "--uninstall"],
    { env: { PATH, DESTDIR: installation.root } },
  );
  match(stderr, /^Cannot remove \S+\/ebpf-agent\.fish: Read-only file system$/m);
  match(stderr, /^All is as it was before\./m);
  equal(code, 1);
  const [before, after] = stdout.split("---\n");
  equal(after, before);
});

/** What this machine lacks, or has in place of something, by commands in mounts of one's own. */
const MACHINES = [
  {
    name: "an old kernel",
    wrap: ["setarch", "--uname-2.6"],
    says: /^Cannot use this kernel: it is Linux 2\.6\.\S+\. Run Linux 5\.10 or later\n$/,
  },
  {
    name: "a kernel without type information",
    prepare: "mount -t tmpfs tmpfs /sys/kernel/btf",
    says: /^Cannot use this kernel: it has no type information .*CONFIG_DEBUG_INFO_BTF=y/,
  },
] as const satisfies readonly {
  readonly name: string;
  readonly prepare?: string;
  readonly wrap?: readonly string[];
  readonly says: RegExp;
}[];

for (const { name, says, ...machine } of MACHINES) {
  kernelTest(`install.sh refuses ${name}, and ends with 3`, async () => {
    await using installation = await Installation.create();
    const command = [`${checkout}/install.sh`, "--dry-run", await installation.program("1")];
    const prepare = "prepare" in machine ? machine.prepare : "";
    const wrap = "wrap" in machine ? machine.wrap : [];
    const { code, stdout, stderr } = await run(
      [...IN_NAMESPACE, `${prepare}\nexec "$@"`, "sh", ...wrap, ...command],
      { env: { PATH } },
    );
    match(stderr, says);
    deepEqual({ code, stdout }, { code: 3, stdout: "" });
  });
}

/** Takes libbpf away; the linker's cache would still have it. */
const WITHOUT_LIBBPF = `
  mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work &&
  mount -t overlay -o lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work overlay /usr &&
  rm -f /usr/lib*/libbpf.so* /usr/lib/*/libbpf.so* && mount --bind /dev/null /etc/ld.so.cache &&
  exec "$@"`;

kernelTest("install.sh names the package that brings libbpf, and ends with 3", async () => {
  const cases = [
    ["apt-get", ": apt-get install libbpf1"],
    ["dnf", ": dnf install libbpf"],
    ["zypper", ": zypper install libbpf1"],
    ["pacman", ": pacman -S libbpf"],
    ["apk", ": apk add libbpf"],
    [
      undefined,
      ", for example with one of these:\n  apt-get install libbpf1\n  dnf install libbpf\n" +
      "  zypper install libbpf1\n  pacman -S libbpf\n  apk add libbpf",
    ],
  ] as const;
  await using installation = await Installation.create();
  const program = await installation.program("1");
  for (const [manager, says] of cases) {
    await using system = await ScriptCopy.create();
    if (manager !== undefined) await system.program(manager, "echo called >&2");
    const path = ["env", `PATH=${system.path}`];
    const command = [...path, `${checkout}/install.sh`, "--dry-run", program];
    const { code, stderr } = await run([...IN_NAMESPACE, WITHOUT_LIBBPF, "sh", ...command], {
      env: { PATH },
    });
    equal(stderr, `Cannot find libbpf.so.1, which the agent needs. Install it${says}\n`);
    equal(code, 3);
  }
});

kernelTest("install.sh becomes root by sudo, and says so where there is none", async () => {
  await using installation = await Installation.create();
  const program = await installation.program("1");
  await using system = await ScriptCopy.create();
  const script = `${system.root}/install.sh`;
  await Deno.copyFile(`${checkout}/install.sh`, script);
  const asUser = () =>
    run([...AS_USER, script, "--no-start", program], { env: { PATH: system.path } });
  const none = await asUser();
  equal(
    none.stderr,
    "Cannot install ebpf-agent: this needs root, and there is no sudo. Run it as root\n",
  );
  equal(none.code, 3);
  await system.program("sudo", PRINT_ARGS);
  const { code, stdout, stderr } = await asUser();
  equal(stderr, "To install ebpf-agent needs root: calling sudo\n");
  equal(stdout, ["--", "sh", script, "--no-start", program].map((word) => `[${word}]\n`).join(""));
  equal(code, 0);
});
