/** The file system of a virtual machine: programs with their libraries, and this checkout. @module */
import { compileAdversary } from "../adversary/survey.ts";
import { encodeHex } from "../harness/bytes.ts";
import { checkout } from "../harness/checkout.ts";
import { compiledAgent, hasStub } from "../harness/compiled.ts";
import { Load, LOAD_NAME } from "../harness/load.ts";
import { output } from "../harness/process.ts";
import { compilePasswdPrograms, PASSWD_READERS } from "../passwd/passwd_reads.ts";
import { cached, forget } from "./cache.ts";
import { archive, type Entry, TYPE } from "./cpio.ts";

/** Where things stand in the machine. */
export const GUEST = {
  checkout: "/ebpf-agent",
  deno: "/usr/bin/deno",
  agent: "/ebpf-agent/dist/ebpf-agent",
  load: `/ebpf-agent/build/test/${LOAD_NAME}`,
  adversary: "/ebpf-agent/build/test/adversary",
  getppid: "/ebpf-agent/build/test/vm-getppid",
} as const;

export interface Initrd {
  readonly path: string;
  /** Whether the agent is there as one program; otherwise it runs from source. */
  readonly compiled: boolean;
}

/** Makes the initial RAM disk, where the one in the cache is not of the same files. */
export async function buildInitrd(): Promise<Initrd> {
  const agent = hasStub() ? await compiledAgent() : undefined;
  const passwd = await compilePasswdPrograms();
  const files = [
    { from: await compileStatic("init"), to: "/init" },
    { from: await compileStatic("getppid"), to: GUEST.getppid },
    { from: await compileLoad(), to: GUEST.load },
    { from: await compileAdversary(), to: GUEST.adversary },
    { from: passwd.static, to: inGuest(passwd.static) },
    ...await withLibraries(passwd.shared, inGuest(passwd.shared)),
    ...await sources(),
    ...await withLibraries(Deno.execPath(), GUEST.deno),
    ...await withLibraries(await findLibrary("libbpf.so.1")),
    ...(agent === undefined ? [] : await withLibraries(agent, GUEST.agent)),
  ];
  for (const program of PROGRAMS) files.push(...await withLibraries(program));
  const name = `initrd-${await digest(files)}`;
  await forget("initrd-", name);
  await forget("work-");
  const path = await cached(name, (path) => write(path, files));
  return { path, compiled: agent !== undefined };
}

/** What the tests call besides: the real ones, because a small system's stand-ins do less. */
const PROGRAMS = [
  "/bin/sh",
  "/usr/bin/setpriv",
  "/usr/bin/findmnt",
  "/usr/bin/mkfifo",
  ...PASSWD_READERS,
];

/** A file of this machine, and where it is to stand in the other. */
interface HostFile {
  readonly from: string;
  readonly to: string;
}

/** A program of this folder that needs nothing else. */
async function compileStatic(name: string): Promise<string> {
  const program = `${checkout}/build/test/vm-${name}`;
  const options = ["-O2", "-Wall", "-Wextra", "-Werror", "-static"];
  await Deno.mkdir(`${checkout}/build/test`, { recursive: true });
  await output(["gcc", ...options, "-o", program, `${checkout}/test/vm/${name}.c`]);
  return program;
}

async function compileLoad(): Promise<string> {
  await using _ = await Load.create();
  return `${checkout}/build/test/${LOAD_NAME}`;
}

/** What of the checkout the agent and the tests need. */
async function sources(): Promise<readonly HostFile[]> {
  const parts = [
    "src",
    "bpf",
    "scripts/lib.sh",
    "test/adversary",
    "test/harness",
    "test/load",
    "test/passwd",
    "test/vm",
    "deno.json",
    "deno.lock",
  ];
  const folders = parts.map((part) => `${checkout}/${part}`);
  const list = await output(["find", ...folders, "-type", "f"]);
  return list.trimEnd().split("\n").sort()
    .map((from) => ({ from, to: inGuest(from) }));
}

/** Where a file of the checkout stands in the machine. */
function inGuest(path: string): string {
  return GUEST.checkout + path.slice(checkout.length);
}

async function findLibrary(name: string): Promise<string> {
  const list = await output(["/sbin/ldconfig", "-p"]);
  const path = list.split("\n").find((line) => line.trimStart().startsWith(`${name} `))
    ?.split(" => ")[1];
  if (path === undefined) throw new Error(`Cannot find ${name}: ldconfig does not know it`);
  return path;
}

/** A program or library and all that the dynamic loader brings in for it. */
async function withLibraries(from: string, to = from): Promise<readonly HostFile[]> {
  const list = await output(["ldd", from]);
  const libraries = [...list.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  return [{ from, to }, ...libraries.map((path) => ({ from: path, to: path }))];
}

async function digest(files: readonly HostFile[]): Promise<string> {
  const lines = await Promise.all(files.map(async ({ from, to }) => {
    const { size, mode, mtime } = await Deno.stat(from);
    return `${from} ${to} ${size} ${mode} ${mtime?.getTime()}\n`;
  }));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(lines.join("")));
  return encodeHex(new Uint8Array(hash, 0, 8));
}

async function write(path: string, files: readonly HostFile[]): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const writer = file.writable.getWriter();
  for (const piece of archive(entries(files))) await writer.write(piece);
}

function* entries(files: readonly HostFile[]): Generator<Entry> {
  // The kernel opens it for the first process.
  yield { path: "dev/console", mode: TYPE.character | 0o600, device: [5, 1] };
  for (const folder of ["proc", "sys", "tmp", "run", "var/tmp"]) {
    yield { path: folder, mode: TYPE.directory | 0o755 };
  }
  const byTarget = new Map(files.map((file) => [file.to, file.from]));
  for (const [to, from] of byTarget) {
    const { mode, mtime } = Deno.statSync(from);
    yield {
      path: to.slice(1),
      mode: TYPE.file | (mode ?? 0) & 0o777,
      bytes: Deno.readFileSync(from),
      modified: Math.floor((mtime?.getTime() ?? 0) / 1000),
    };
  }
}
