/** The kinds of event and the hooks that can tell of each, from most to least preferred. @module */
import type { EventKind } from "../events/kinds.ts";

/** Ways to see a kind of event, by what most of it is attached to. */
export type HookName = (typeof HOOK_NAMES)[number];

export const HOOK_NAMES = ["fentry", "fexit", "kprobe", "tp_btf", "raw_tp", "tracepoint"] as const;

/** A BPF program that a hook needs, and where it is attached. */
export interface ProbeProgram {
  readonly name: string;
  readonly by: AttachKind;
  /** Functions or, as `category:name`, classic tracepoints; none where the object itself says. */
  readonly at: readonly string[];
  /** Left out where the kernel lacks what it needs: the hook then sees less. */
  readonly optional?: true;
  /** A tracepoint that the kernel must have. */
  readonly tracepoint?: string;
  /** The oldest kernel whose tracepoint has what the program reads. */
  readonly since?: Release;
  /** The oldest kernel that has it no longer. */
  readonly before?: Release;
}

/**
 * How a program is attached: where its section says; to every one of these classic tracepoints; to
 * the first of these functions that the kernel has; or to the entry or the return of all of them.
 */
export type AttachKind = "section" | "tracepoint" | "function" | "kprobe" | "kretprobe";

/** A kernel's version, as far as its features go. */
export type Release = readonly [major: number, minor: number];

/** One way to see a kind of event. */
export interface Hook {
  readonly name: HookName;
  readonly programs: readonly ProbeProgram[];
}

/** What opens a file, whoever asks; it was renamed in 7.2. */
const OPEN = ["do_filp_open", "do_file_open"] as const;
/** Behind open, openat, openat2 and creat, of 64-bit and of 32-bit programs. */
const OPEN_CALLS = ["do_sys_openat2"] as const;
const OPEN_BY_HANDLE = ["do_handle_open"] as const;
/** What gives it the file. */
const OPEN_AT_ROOT = ["file_open_root"] as const;
/** The one with as many arguments on kernels where the other has more. */
const OPEN_AT_ROOT_OF_OLD = ["do_file_open_root"] as const;
const EXECVE = ["__x64_sys_execve", "__arm64_sys_execve"] as const;
const EXECVEAT = ["__x64_sys_execveat", "__arm64_sys_execveat"] as const;
const EXECVE_32BIT = ["__ia32_compat_sys_execve", "__arm64_compat_sys_execve"] as const;
const EXECVEAT_32BIT = ["__ia32_compat_sys_execveat", "__arm64_compat_sys_execveat"] as const;
const EXECS = [...EXECVE, ...EXECVEAT, ...EXECVE_32BIT, ...EXECVEAT_32BIT];

/** arm64 has openat in their place. */
const ABSENT_ON_ARM64: ReadonlySet<string> = new Set(["open", "creat"]);
const OPEN_WITH_THREE = ["openat", "openat2", "open_by_handle_at"] as const;
const EXEC_CALLS = ["execve", "execveat"] as const;
const USER_CALLS = ["setuid", "setreuid", "setresuid", ...EXEC_CALLS] as const;

/** One program for all kinds that are seen there: every call of the machine pays for each. */
export const EXIT_OF_CALLS = { tp_btf: "calls_btf_exit", raw_tp: "calls_raw_exit" } as const;

/** Its arguments are in another order before. */
const IO_URING = { tracepoint: "io_uring_complete", since: [6, 1], optional: true } as const;
/** Tells the name that a task had before an exec. */
const PREPARE_EXEC = { tracepoint: "sched_prepare_exec", optional: true } as const;

export const CATALOGUE: Readonly<Record<EventKind, readonly Hook[]>> = {
  exec: [
    {
      name: "fexit",
      programs: [
        section("exec_btf"),
        section("exec_btf_prepare", PREPARE_EXEC),
        program("exec_fexit_execve", "function", EXECVE),
        program("exec_fexit_execveat", "function", EXECVEAT),
        program("exec_fexit_execve32", "function", EXECVE_32BIT, { optional: true }),
        program("exec_fexit_execveat32", "function", EXECVEAT_32BIT, { optional: true }),
      ],
    },
    {
      name: "kprobe",
      programs: [
        section("exec_raw"),
        section("exec_raw_prepare", PREPARE_EXEC),
        program("exec_kprobe_execve", "kprobe", [...EXECVE, ...EXECVE_32BIT]),
        program("exec_kprobe_execveat", "kprobe", [...EXECVEAT, ...EXECVEAT_32BIT]),
        program("exec_kretprobe", "kretprobe", EXECS),
      ],
    },
    {
      name: "tp_btf",
      programs: [
        section("exec_btf"),
        section("exec_btf_prepare", PREPARE_EXEC),
        section(EXIT_OF_CALLS.tp_btf),
      ],
    },
    {
      name: "raw_tp",
      programs: [
        section("exec_raw"),
        section("exec_raw_prepare", PREPARE_EXEC),
        section(EXIT_OF_CALLS.raw_tp),
      ],
    },
    {
      name: "tracepoint",
      programs: [
        program("exec_tp", "tracepoint", ["sched:sched_process_exec"]),
        program("exec_tp_enter", "tracepoint", entries(EXEC_CALLS)),
        program("exec_tp_exit", "tracepoint", exits(EXEC_CALLS)),
      ],
    },
  ],
  clone: [
    { name: "tp_btf", programs: [section("clone_btf")] },
    { name: "raw_tp", programs: [section("clone_raw")] },
    { name: "kprobe", programs: [program("clone_kprobe", "kprobe", ["wake_up_new_task"])] },
    {
      name: "tracepoint",
      programs: [program("clone_tp", "tracepoint", ["task:task_newtask"])],
    },
  ],
  open: [
    {
      name: "fexit",
      programs: [
        program("open_fexit", "function", OPEN),
        program("open_fexit_refused", "function", OPEN_CALLS, { optional: true }),
        program("open_fexit_handle", "function", OPEN_BY_HANDLE, { optional: true }),
        program("open_fexit_root", "function", OPEN_AT_ROOT, { optional: true, since: [5, 13] }),
        program("open_fexit_root", "function", OPEN_AT_ROOT_OF_OLD, {
          optional: true,
          before: [5, 13],
        }),
      ],
    },
    {
      name: "kprobe",
      programs: [
        program("open_kprobe", "kprobe", OPEN),
        program("open_kretprobe", "kretprobe", OPEN),
        program("open_kprobe_refused", "kprobe", OPEN_CALLS, { optional: true }),
        program("open_kretprobe_refused", "kretprobe", OPEN_CALLS, { optional: true }),
        program("open_kprobe_handle", "kprobe", OPEN_BY_HANDLE, { optional: true }),
        program("open_kretprobe_handle", "kretprobe", OPEN_BY_HANDLE, { optional: true }),
        program("open_kretprobe_root", "kretprobe", OPEN_AT_ROOT, { optional: true }),
      ],
    },
    {
      name: "tp_btf",
      programs: [section(EXIT_OF_CALLS.tp_btf), section("open_raw_io_uring", IO_URING)],
    },
    {
      name: "raw_tp",
      programs: [section(EXIT_OF_CALLS.raw_tp), section("open_raw_io_uring", IO_URING)],
    },
    {
      name: "tracepoint",
      programs: [
        program("open_tp_enter", "tracepoint", entries(["open", ...OPEN_WITH_THREE])),
        program("open_tp_enter_creat", "tracepoint", entries(["creat"])),
        program("open_tp_exit", "tracepoint", exits(["open", "creat", ...OPEN_WITH_THREE])),
      ],
    },
  ],
  privilege: [
    { name: "fentry", programs: [program("privilege_fentry", "function", ["commit_creds"])] },
    { name: "kprobe", programs: [program("privilege_kprobe", "kprobe", ["commit_creds"])] },
    {
      name: "tp_btf",
      programs: [
        section("privilege_btf_enter"),
        section(EXIT_OF_CALLS.tp_btf),
        section("privilege_btf_exec"),
      ],
    },
    {
      name: "raw_tp",
      programs: [
        section("privilege_raw_enter"),
        section(EXIT_OF_CALLS.raw_tp),
        section("privilege_raw_exec"),
      ],
    },
    {
      name: "tracepoint",
      programs: [
        program("privilege_tp_enter", "tracepoint", entries(USER_CALLS)),
        program("privilege_tp_exit", "tracepoint", exits(USER_CALLS)),
        program("privilege_tp_exec", "tracepoint", ["sched:sched_process_exec"]),
      ],
    },
  ],
};

type Needs = Pick<ProbeProgram, "optional" | "tracepoint" | "since" | "before">;

function section(name: string, needs: Needs = {}): ProbeProgram {
  return { name, by: "section", at: [], ...needs };
}

function program(
  name: string,
  by: AttachKind,
  at: readonly string[],
  needs: Needs = {},
): ProbeProgram {
  return { name, by, at, ...needs };
}

function entries(calls: readonly string[]): readonly string[] {
  return callTracepoints("enter", calls, Deno.build.arch);
}

function exits(calls: readonly string[]): readonly string[] {
  return callTracepoints("exit", calls, Deno.build.arch);
}

/** The names of the hooks that can tell of a kind of event. */
export function hooksFor(event: EventKind): readonly HookName[] {
  return CATALOGUE[event].map(({ name }) => name);
}

/** The classic tracepoints of system calls; those that a machine of this kind lacks are left out. */
export function callTracepoints(
  edge: "enter" | "exit",
  calls: readonly string[],
  arch: typeof Deno.build.arch,
): readonly string[] {
  const known = arch === "aarch64" ? calls.filter((call) => !ABSENT_ON_ARM64.has(call)) : calls;
  return known.map((call) => `syscalls:sys_${edge}_${call}`);
}

/** Whether a kernel is older than another. */
export function isOlder([major, minor]: Release, [other, otherMinor]: Release): boolean {
  return major < other || (major === other && minor < otherMinor);
}
