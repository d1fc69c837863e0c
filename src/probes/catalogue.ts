/** The kinds of event and the hooks that can tell of each, from most to least preferred. @module */
import type { EventKind } from "../events/kinds.ts";

/** Ways of attaching, by the name that libbpf gives to their section. */
export type HookName = (typeof HOOK_NAMES)[number];

export const HOOK_NAMES = ["tp_btf", "raw_tp", "tracepoint"] as const;

/** A BPF program that a hook needs. */
export interface ProbeProgram {
  readonly name: string;
  /** Classic tracepoints it is attached to, as `category:name`; the others have theirs in the object. */
  readonly tracepoints?: readonly string[];
  /** The tracepoint that only some kernels have: without it the hook does with less. */
  readonly onlyWith?: string;
}

/** One way to see a kind of event. */
export interface Hook {
  readonly name: HookName;
  readonly programs: readonly ProbeProgram[];
}

export const CATALOGUE = {
  exec: [
    {
      name: "tp_btf",
      programs: [
        { name: "exec_btf" },
        { name: "exec_btf_exit" },
        { name: "exec_btf_prepare", onlyWith: "sched_prepare_exec" },
      ],
    },
    {
      name: "raw_tp",
      programs: [
        { name: "exec_raw" },
        { name: "exec_raw_exit" },
        { name: "exec_raw_prepare", onlyWith: "sched_prepare_exec" },
      ],
    },
    {
      name: "tracepoint",
      programs: [
        { name: "exec_tp", tracepoints: ["sched:sched_process_exec"] },
        { name: "exec_tp_enter", tracepoints: entries("execve", "execveat") },
        { name: "exec_tp_exit", tracepoints: exits("execve", "execveat") },
      ],
    },
  ],
  clone: [
    { name: "tp_btf", programs: [{ name: "clone_btf" }] },
    { name: "raw_tp", programs: [{ name: "clone_raw" }] },
    {
      name: "tracepoint",
      programs: [{ name: "clone_tp", tracepoints: ["task:task_newtask"] }],
    },
  ],
  open: [
    { name: "tp_btf", programs: [{ name: "open_btf" }] },
    { name: "raw_tp", programs: [{ name: "open_raw" }] },
    {
      name: "tracepoint",
      programs: [
        { name: "open_tp_enter", tracepoints: entries("open", "openat", "openat2") },
        { name: "open_tp_enter_creat", tracepoints: entries("creat") },
        { name: "open_tp_exit", tracepoints: exits("open", "openat", "openat2", "creat") },
      ],
    },
  ],
  privilege: [
    {
      name: "tp_btf",
      programs: [
        { name: "privilege_btf_enter" },
        { name: "privilege_btf_exit" },
        { name: "privilege_btf_exec" },
      ],
    },
    {
      name: "raw_tp",
      programs: [
        { name: "privilege_raw_enter" },
        { name: "privilege_raw_exit" },
        { name: "privilege_raw_exec" },
      ],
    },
    {
      name: "tracepoint",
      programs: [
        {
          name: "privilege_tp_enter",
          tracepoints: entries("setuid", "setreuid", "setresuid", "execve", "execveat"),
        },
        {
          name: "privilege_tp_exit",
          tracepoints: exits("setuid", "setreuid", "setresuid", "execve", "execveat"),
        },
        { name: "privilege_tp_exec", tracepoints: ["sched:sched_process_exec"] },
      ],
    },
  ],
} as const satisfies Readonly<Record<EventKind, readonly Hook[]>>;

function entries(...calls: readonly string[]): readonly string[] {
  return calls.map((call) => `syscalls:sys_enter_${call}`);
}

function exits(...calls: readonly string[]): readonly string[] {
  return calls.map((call) => `syscalls:sys_exit_${call}`);
}
