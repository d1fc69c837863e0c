/** Wrong usage and machines that cannot: an exit code, a sentence with a remedy, no stack trace. @module */
import assert from "node:assert/strict";
import { inheritedEnvironment, runAgent, sourceArguments } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { type Ended, run } from "./harness/process.ts";
import { SourceCopy } from "./harness/source_copy.ts";

const LOCAL = "--web.listen-address=127.0.0.1:0";

const WRONG_USAGE: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
  [["--web.listen-adress=:1"], /--web\.listen-adress.*--web\.listen-address/],
  [["--no-such-thing-at-all"], /--no-such-thing-at-all.*--help/],
  [["-x"], /-x/],
  [["--ring.pages"], /--ring\.pages.*missing/],
  [["--output", "--events=exec"], /--output.*missing/],
  [["--web.listen-address=127.0.0.1:99999"], /--web\.listen-address.*99999/],
  [["--web.listen-address=localhost"], /--web\.listen-address.*localhost.*port/],
  [["--web.listen-address=999.1.1.1:80"], /--web\.listen-address.*999\.1\.1\.1/],
  [["--duration=5x"], /--duration.*5x.*ms, s, m or h/],
  [["--duration=5"], /--duration.*5.*unit/],
  [["--poll.interval=0s"], /--poll\.interval.*0s/],
  [["--ring.pages=7"], /--ring\.pages.*7.*power of two/],
  [["--events=exec,opne"], /--events.*opne.*open/],
  [
    ["--probe.clone=fentry"],
    /--probe\.clone: "fentry" is none of tp_btf, raw_tp, kprobe or tracepoint/,
  ],
  [["--output=jsno"], /--output.*jsno.*json/],
  [["--filter.comm=a-name-of-sixteen"], /--filter\.comm.*15/],
  [["--filter.uid=root"], /--filter\.uid.*root/],
  [["--log.level=loud"], /--log\.level.*loud.*debug/],
  [["rnu"], /rnu.*run/],
  [["run", "something"], /something/],
];

for (const [args, sentence] of WRONG_USAGE) {
  Deno.test(`ebpf-agent ${args.join(" ")} is wrong usage`, async () => {
    assertRefused(await runAgent(args), 2, sentence);
  });
}

Deno.test("an unknown environment variable is wrong usage", async () => {
  const env = { EBPF_AGENT_RING_PAGE: "8" };
  assertRefused(await runAgent([LOCAL], { env }), 2, /EBPF_AGENT_RING_PAGE.*EBPF_AGENT_RING_PAGES/);
});

kernelTest("more to filter by than there is room for is wrong usage", async () => {
  const filters = Array.from({ length: 1025 }, (_, pid) => `--filter.pid=${pid + 1}`);
  assertRefused(await runAgent([LOCAL, ...filters]), 2, /--filter\.pid.*1025.*at most 1024/);
});

kernelTest("a port in use is told", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const ended = await runAgent([`--web.listen-address=127.0.0.1:${port}`]);
  assertRefused(ended, 1, new RegExp(`127\\.0\\.0\\.1:${port}.*in use`));
});

kernelTest("an address of another machine is told", async () => {
  assertRefused(await runAgent(["--web.listen-address=192.0.2.1:9110"]), 1, /192\.0\.2\.1:9110/);
});

kernelTest("without privileges it says what is needed", async () => {
  // A copy, for the checkout may lie where nobody else may look.
  await using copy = await SourceCopy.create();
  const home = `${copy.root}/home`;
  const deno = `${copy.root}/deno`;
  await Deno.chmod(copy.root, 0o755);
  await Deno.mkdir(home);
  await Deno.chown(home, 65534, 65534);
  await Deno.copyFile(Deno.execPath(), deno);
  const nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const ended = await run([...nobody, deno, ...sourceArguments(copy.root), LOCAL], {
    env: { ...inheritedEnvironment(), HOME: home, DENO_DIR: home },
  });
  assertRefused(ended, 3, /EPERM.*root.*CAP_BPF/);
});

kernelTest("without libbpf it says what to install", async () => {
  // The library's folder with that one file taken away, in a mount namespace of its own.
  const hide = `set -e
    library=$(ldconfig -p | awk '$1 == "libbpf.so.1" { print $NF; exit }')
    folder=$(dirname "$(readlink -f "$library")")
    upper=$(mktemp -d); mount -t tmpfs tmpfs "$upper"; mkdir "$upper/u" "$upper/w"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$upper/u,workdir=$upper/w" "$folder"
    rm "$folder"/libbpf.so.1*
    umount -l "$upper"; rmdir "$upper"
    exec "$@"`;
  assertRefused(await runAgent([LOCAL], { wrap: inNamespace(hide) }), 3, /libbpf\.so\.1.*libbpf1/);
});

kernelTest("on a kernel without BTF it says so", async () => {
  const hide = `set -e
    for folder in /sys/kernel/btf /boot /lib/modules /usr/lib/debug; do
      [ ! -d "$folder" ] || mount -t tmpfs tmpfs "$folder"
    done
    exec "$@"`;
  assertRefused(await runAgent([LOCAL], { wrap: inNamespace(hide) }), 3, /BTF/);
});

kernelTest("a file of BTF with nothing in it is none, to check as well", async () => {
  const empty = 'mount --bind /dev/null /sys/kernel/btf/vmlinux; exec "$@"';
  assertRefused(
    await runAgent([LOCAL], { wrap: inNamespace(empty) }),
    3,
    /no type information.*ENODATA.*BTF/,
  );
  const checked = await runAgent(["check"], { wrap: inNamespace(empty) });
  assert.equal(checked.code, 3, checked.stderr);
  assert.match(checked.stdout, /missing +btf +\S+ cannot be read \(ENODATA\)/);
});

kernelTest("without sysfs it says so", async () => {
  const hide = 'mount -t tmpfs tmpfs /sys; exec "$@"';
  assertRefused(await runAgent([LOCAL], { wrap: inNamespace(hide) }), 3, /ENOENT.*Mount sysfs at/);
});

kernelTest(
  "with too few open files it asks for more, and with enough watches everything",
  async () => {
    for (let files = 40;; files += 6) {
      const wrap = ["prlimit", `--nofile=${files}:${files}`];
      const ended = await runAgent([LOCAL, "--output=none", "--duration=1ms"], { wrap });
      assertNoStackTrace(ended);
      assert.doesNotMatch(ended.stderr, /Not watching|instead_of=.*EMFILE/);
      if (ended.code === 0) return;
      assert.match(ended.stderr, /EMFILE.*more open files \(ulimit -n/s);
      assert.equal(ended.code, 1);
    }
  },
);

const DAMAGES: readonly (readonly [what: string, damage: (object: Uint8Array) => Uint8Array])[] = [
  ["an empty", () => new Uint8Array()],
  ["a truncated", (object) => object.subarray(0, object.length / 2)],
  ["another kind of", () => new TextEncoder().encode("no object at all\n".repeat(100))],
  [
    "a header that was overwritten in the",
    (object) => object.map((byte, i) => i < 64 ? ~byte : byte),
  ],
  [
    "code that was overwritten in the",
    (object) => object.map((byte, i) => i >= 1000 && i < 1008 ? 0xff : byte),
  ],
  [
    "section headers that were overwritten in the",
    (object) => object.with(object.length - 40, 0xff).fill(0xff, object.length - 600),
  ],
];

for (const [what, damage] of DAMAGES) {
  kernelTest(`${what} BPF object is told`, async () => {
    await using copy = await SourceCopy.create();
    for (const path of copy.objects) {
      await Deno.writeFile(path, damage(await Deno.readFile(path)));
    }
    assertRefused(await runAgent([LOCAL], { root: copy.root }), 1, /object/);
  });
}

kernelTest("a BPF object that the verifier refuses is told with its words", async () => {
  await using copy = await SourceCopy.create();
  await copy.replace(
    "bpf/events.h",
    "header->size = size;",
    "header->size = *(volatile __u32 *)(long)size;",
  );
  await copy.buildBpf();
  const ended = await runAgent([LOCAL], { root: copy.root });
  assert.ok(ended.code === 1 || ended.code === 3, `ended with ${ended.code}: ${ended.stderr}`);
  assert.match(ended.stderr, /R\d+ invalid mem access/);
  assertNoStackTrace(ended);
});

function inNamespace(script: string): readonly string[] {
  return ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh"];
}

function assertRefused(ended: Ended, code: number, sentence: RegExp): void {
  assert.match(ended.stderr, sentence);
  assert.equal(ended.code, code, ended.stderr);
  assert.equal(ended.stdout, "");
  assertNoStackTrace(ended);
}

function assertNoStackTrace({ stderr }: Ended): void {
  assert.doesNotMatch(stderr, /^\s+at /m);
  assert.doesNotMatch(stderr, /Uncaught|file:\/\//);
}
