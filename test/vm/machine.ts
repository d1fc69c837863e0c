/** Boots a kernel in qemu, and reads what the machine reports on its second serial line. @module */
import { kill, sleep } from "../harness/process.ts";
import { GUEST, type Initrd } from "./initrd.ts";

export interface BootOptions {
  /** The kernel's image. */
  readonly kernel: string;
  readonly initrd: Initrd;
  /** What is run in the machine: program and arguments, without spaces in them. */
  readonly command: readonly string[];
  /** Parameters of the kernel. */
  readonly parameters?: readonly string[];
  /** The machine's clock counts instructions, one a nanosecond, instead of time. */
  readonly countInstructions?: boolean;
  /** How long it may report nothing once it has booted. */
  readonly silenceMs: number;
}

/** What a machine left behind. */
export interface Boot {
  /** What was written to the second serial line. */
  readonly report: string;
  /** What was written to the first one: the kernel's messages, and the command's stderr. */
  readonly console: string;
  /** Why it was ended from outside. */
  readonly ended?: string;
}

/** Boots a machine, and waits until it turns itself off or reports nothing for too long. */
export async function boot(options: BootOptions): Promise<Boot> {
  await using folder = await temporaryFolder();
  const read = (name: string) => Deno.readTextFile(`${folder.path}/${name}`);
  for (const name of ["report", "console"]) {
    await Deno.writeTextFile(`${folder.path}/${name}`, "");
  }
  const qemu = new Deno.Command("qemu-system-x86_64", {
    args: qemuArguments(options, folder.path),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const error = new Response(qemu.stderr).text();
  const late = await watch(qemu, () => read("report"), options.silenceMs);
  const { code } = await qemu.status;
  const ended = late ?? (code === 0 ? undefined : `qemu ended with ${code}: ${await error}`);
  await error;
  return { report: await read("report"), console: await read("console"), ended };
}

/** One thread runs all CPUs in turn: with one each, kernels crash at times. KVM is not used even where it is there. */
const ACCELERATOR = "tcg,thread=single,tb-size=512";
const MACHINE = ["-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc"];
const PARAMETERS = [
  "console=ttyS0 panic=-1 oops=panic quiet loglevel=4 mitigations=off",
  // A busy machine stands still for a while, which the kernel would take for a fault of its own.
  "nowatchdog rcupdate.rcu_cpu_stall_suppress=1",
];
const ENVIRONMENT = ["NO_COLOR=1", "DENO_NO_UPDATE_CHECK=1", "TESTS_SLOWED_BY=100"];

function qemuArguments(options: BootOptions, folder: string): string[] {
  const { kernel, initrd, command, parameters = [] } = options;
  // The kernel hands variables that it does not know, and what stands behind --, to its first process.
  const agent = initrd.compiled ? [`EBPF_AGENT_UNDER_TEST=${GUEST.agent}`] : [];
  // Linux 5.10 does not boot with two where instructions are counted.
  const cpus = options.countInstructions ? "1" : "2";
  const line = [...PARAMETERS, ...parameters, ...ENVIRONMENT, ...agent, "--", ...command].join(" ");
  return [
    ...[
      ...MACHINE,
      "-no-reboot",
      "-accel",
      ACCELERATOR,
      "-cpu",
      "max",
      "-smp",
      cpus,
      "-m",
      "1536M",
    ],
    ...(options.countInstructions ? ["-icount", "shift=0"] : []),
    ...["-serial", `file:${folder}/console`, "-serial", `file:${folder}/report`],
    ...["-kernel", kernel, "-initrd", initrd.path, "-append", line],
  ];
}

/** Waits for the machine's end, and ends it where nothing more is reported; why, where it had to. */
async function watch(
  qemu: Deno.ChildProcess,
  report: () => Promise<string>,
  silenceMs: number,
): Promise<string | undefined> {
  let over = false;
  const end = qemu.status.then(() => over = true);
  let heard = 0;
  let since = Date.now();
  let pause = Promise.resolve();
  try {
    while (!over) {
      pause = sleep(PAUSE_MS);
      await Promise.race([end, pause]);
      const { length } = await report();
      if (length > heard) since = Date.now();
      heard = length;
      const limitMs = heard === 0 ? BOOT_MS : silenceMs;
      if (Date.now() - since <= limitMs) continue;
      kill(qemu, "SIGKILL");
      return `no ${heard === 0 ? "@boot" : "word"} within ${limitMs} ms`;
    }
    return undefined;
  } finally {
    // A test may leave no timer behind.
    await pause;
  }
}

const PAUSE_MS = 200;

/** A machine needs three to eight seconds; on a busy one some more. */
const BOOT_MS = 300_000;

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "vm-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
