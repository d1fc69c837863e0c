/** The tools that the agent is compared with, as far as they are there and run here. @module */
import { AUDIT, Audit } from "./audit.ts";
import type { Loads } from "../loads.ts";
import { runProgram } from "./running.ts";
import { programTool, type Tool } from "./tool.ts";

/** A tool, or why there is none. */
export interface Peer {
  readonly name: string;
  readonly version?: string;
  readonly because?: string;
}

/** What there is for each subject. */
export interface Peers {
  readonly known: readonly Peer[];
  /** They print opens. */
  readonly opens: readonly Tool[];
  /** They print programs that are run, with their arguments. */
  readonly execs: readonly Tool[];
  /** They count opens, and print nothing. */
  readonly countingOpens: readonly Tool[];
  readonly countingExecs: readonly Tool[];
  /** The libbpf tools, without a wake-up at each event. */
  readonly quietOpens: readonly Tool[];
  readonly quietExecs: readonly Tool[];
}

/** A counter in the kernel, nothing delivered. */
export const COUNTING = "bpftrace, counting only";
export const OPENSNOOP = "opensnoop (libbpf-tools)";
export const EXECSNOOP = "execsnoop (libbpf-tools)";
export const OPENSNOOP_BT = "opensnoop.bt (bpftrace)";
export const EXECSNOOP_BT = "execsnoop.bt (bpftrace)";
export const PERF_TRACE = "perf trace";
const BIN = "/usr/sbin";

/** Finds out what is there. */
export async function findPeers(loads: Loads, unpacked: string): Promise<Peers> {
  const libbpfTools = await packaged("libbpf-tools", `${BIN}/opensnoop`);
  const bpftrace = await packaged("bpftrace", "/usr/bin/bpftrace");
  const perf = await packaged("linux-perf", "/usr/bin/perf");
  const audit = new Audit(unpacked);
  const because = await audit.unavailable();
  const auditd: Peer = {
    name: AUDIT,
    ...(because === undefined ? { version: "Debian's, unpacked" } : { because }),
  };
  const when = (peer: Peer, ...tools: readonly Tool[]) => peer.because === undefined ? tools : [];
  const script = (name: string, file: string) => programTool(name, ["bpftrace", `${BIN}/${file}`]);
  const count = (name: string, probe: string) =>
    programTool(name, ["bpftrace", "-e", `${probe} { @ = count(); }`]);
  const quiet = (name: string, file: string) =>
    programTool(`${name}, wake-ups taken out`, [`${BIN}/${file}`], loads.withoutWakeups);
  return {
    known: [libbpfTools, bpftrace, perf, auditd, await sysdig()],
    opens: [
      ...when(libbpfTools, programTool(OPENSNOOP, [`${BIN}/opensnoop`])),
      ...when(bpftrace, script(OPENSNOOP_BT, "opensnoop.bt")),
      ...when(perf, perfTrace()),
    ],
    execs: [
      ...when(libbpfTools, programTool(EXECSNOOP, [`${BIN}/execsnoop`])),
      ...when(bpftrace, script(EXECSNOOP_BT, "execsnoop.bt")),
      ...when(auditd, audit),
    ],
    countingOpens: when(
      bpftrace,
      count(COUNTING, "tracepoint:syscalls:sys_exit_openat"),
    ),
    countingExecs: when(
      bpftrace,
      count(COUNTING, "tracepoint:syscalls:sys_enter_execve"),
    ),
    quietOpens: when(libbpfTools, quiet(OPENSNOOP, "opensnoop")),
    quietExecs: when(libbpfTools, quiet(EXECSNOOP, "execsnoop")),
  };
}

/** It prints to stderr unless told otherwise; `-o` takes no more time than a redirection. */
function perfTrace(): Tool {
  const quoted = 'exec perf trace -e openat -a -o "$0"';
  return {
    name: PERF_TRACE,
    start: (stdout) =>
      programTool(PERF_TRACE, ["sh", "-c", quoted, stdout]).start("/dev/null").then((running) => ({
        ...running,
        output: stdout,
      })),
  };
}

async function packaged(name: string, program: string): Promise<Peer> {
  try {
    await Deno.stat(program);
  } catch {
    return { name, because: `there is no ${program}, and it could not be installed from Debian` };
  }
  const version = await runProgram(["dpkg-query", "-Wf", "${Version}", name]).catch(() => "?");
  return { name, version };
}

async function sysdig(): Promise<Peer> {
  const name = "sysdig";
  try {
    await Deno.stat("/dev/scap0");
  } catch {
    const modules = (await Deno.readTextFile("/proc/cmdline")).split(/\s/).includes("nomodule")
      ? "this kernel was started with nomodule"
      : "that is not loaded";
    return {
      name,
      because:
        `Debian's version takes events from a kernel module of its own (/dev/scap0): ${modules}. ` +
        "Its older BPF probe has to be compiled with the kernel's headers",
    };
  }
  return {
    name,
    because: "its kernel module is loaded here, but nothing here knows how to run it",
  };
}
