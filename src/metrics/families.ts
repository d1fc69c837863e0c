/** The one table of every metric; the exposition and docs/metrics.md are made from it. @module */
import type { ProgramCounters } from "../counters/reading.ts";
import {
  type Family,
  family,
  type FamilyGroup,
  gauge,
  type Sample,
  type Single,
  total,
} from "./family.ts";
import { LEDGER } from "./ledger_families.ts";
import type { ProcessStats } from "./process.ts";

const EVENTS: FamilyGroup = {
  title: "What happened",
  families: [
    total({
      name: "sys_clone_calls_total",
      help: "Processes and threads created, whatever the call: fork, vfork, clone or clone3. " +
        "Workers of the kernel and of io_uring are not counted.",
      value: ({ reading }) => reading.kernel.clone.seen,
    }),
    total({
      name: "sys_openat_calls_total",
      help: "Attempts to open a file by open, openat, openat2 or creat, failed ones too, also " +
        "through io_uring.",
      value: ({ reading }) => reading.openatCalls,
    }),
    total({
      name: "ebpf_exec_events_total",
      help: "Attempts to execute a program by execve or execveat, failed ones too.",
      value: ({ reading }) => reading.kernel.exec.seen,
    }),
    total({
      name: "ebpf_sudo_events_total",
      help: "Programs executed whose file, or the path asked for, is named sudo.",
      value: ({ reading }) => reading.sudo,
    }),
    total({
      name: "ebpf_passwd_read_events_total",
      help: "Successful opens of the host's /etc/passwd with read access, by any program and " +
        "however the path was spelled.",
      value: ({ reading }) => reading.passwdReads,
    }),
    family({
      name: "ebpf_agent_passwd_reads_total",
      type: "counter",
      labels: ["by"],
      help: "The same by who asked: name_service is the C library looking a user up (getpwnam), " +
        "direct everybody else.",
      samples: ({ reading }) => [
        [reading.passwdDirect, "direct"],
        [reading.passwdLookups, "name_service"],
      ],
    }),
  ],
};

const RULES: FamilyGroup = {
  title: "Rules",
  families: [
    family({
      name: "ebpf_agent_rule_matches_total",
      type: "counter",
      labels: ["rule", "severity"],
      help:
        "Events that matched the rule, counted in the kernel before any can be lost; those of " +
        "a rule about arguments are counted as they arrive.",
      samples: ({ reading }) =>
        reading.rules.map(({ name, severity, matches }) => [matches, name, severity]),
    }),
    family({
      name: "ebpf_agent_rule_suppressed_total",
      type: "counter",
      labels: ["rule"],
      help: "Matches of the rule that were not told of, because its rate was reached.",
      samples: ({ reading }) => reading.rules.map(({ name, suppressed }) => [suppressed, name]),
    }),
    gauge({
      name: "ebpf_agent_rules_loaded",
      help: "Rules that are in use.",
      value: ({ reading }) => reading.rules.length,
    }),
  ],
};

const AGENT: FamilyGroup = {
  title: "The agent itself",
  families: [
    family({
      name: "ebpf_agent_build_info",
      type: "gauge",
      labels: ["version", "deno", "libbpf", "kernel"],
      help: "Always 1; its labels tell the versions of the agent and of what it runs on.",
      samples: ({ build }) => [[1, build.version, build.deno, build.libbpf, build.kernel]],
    }),
    family({
      name: "ebpf_agent_probe_attached",
      type: "gauge",
      labels: ["event", "hook"],
      help: "1 where the kind of event is observed through this hook, 0 where the hook was tried " +
        "in vain.",
      samples: ({ probes }) =>
        probes.map(({ event, hook, attached }) => [Number(attached), event, hook]),
    }),
    family({
      name: "ebpf_agent_blind_spot",
      type: "gauge",
      labels: ["event", "spot"],
      help: "1 for each thing that is not seen of a kind of event on this kernel, or not fully; " +
        "docs/coverage.md tells of each.",
      samples: ({ blindSpots }) => blindSpots.map(({ event, spot }) => [1, event, spot]),
    }),
    family({
      name: "ebpf_agent_transport",
      type: "gauge",
      labels: ["transport"],
      help: "What carries events: perf is a perf buffer for each CPU, ring one BPF ring buffer.",
      samples: ({ transport }) => [[1, transport]],
    }),
    family({
      name: "ebpf_agent_program_missed_total",
      type: "counter",
      labels: ["program"],
      help: "Times the kernel did not run this BPF program (Linux 5.12 and later tell, 6.7 and " +
        "later also what a kprobe or kretprobe missed).",
      samples: ({ reading }) => perProgram(reading.programs, (program) => program.missed),
    }),
    family({
      name: "ebpf_agent_program_runs_total",
      type: "counter",
      labels: ["program"],
      help: "Times this BPF program ran; with --bpf.stats only.",
      samples: ({ reading, bpfStats }) =>
        bpfStats ? perProgram(reading.programs, (program) => program.runs) : [],
    }),
    family({
      name: "ebpf_agent_program_run_seconds_total",
      type: "counter",
      unit: "seconds",
      labels: ["program"],
      help: "Time that this BPF program took in all; with --bpf.stats only.",
      samples: ({ reading, bpfStats }) =>
        bpfStats ? perProgram(reading.programs, (program) => program.runSeconds) : [],
    }),
    gauge({
      name: "ebpf_agent_last_poll_timestamp_seconds",
      unit: "seconds",
      help: "When the counters were last polled, in seconds since the epoch.",
      value: ({ lastPollMs }) => lastPollMs / 1000,
    }),
  ],
};

const CONFIGURATION: FamilyGroup = {
  title: "Its configuration",
  families: [
    family({
      name: "ebpf_agent_config_last_reload_successful",
      type: "gauge",
      labels: [],
      help:
        "1 where the configuration was last read well, at the start or by a reload, 0 where a " +
        "reload was refused; not there while no configuration file was read.",
      samples: ({ reload }) => reload.successful === undefined ? [] : [[Number(reload.successful)]],
    }),
    family({
      name: "ebpf_agent_config_last_reload_success_timestamp_seconds",
      type: "gauge",
      unit: "seconds",
      labels: [],
      help:
        "When a configuration was last taken over, in seconds since the epoch; not there while " +
        "none was.",
      samples: ({ reload }) =>
        reload.succeededAtMs === undefined ? [] : [[reload.succeededAtMs / 1000]],
    }),
  ],
};

const PROCESS: FamilyGroup = {
  title: "The agent's process",
  families: [
    family({
      name: "process_cpu_seconds_total",
      type: "counter",
      unit: "seconds",
      labels: [],
      help: "CPU time that the agent used, in user space and in the kernel.",
      samples: ({ process }) => [[process.cpuSeconds]],
    }),
    processGauge({
      name: "process_resident_memory_bytes",
      unit: "bytes",
      help: "Memory of the agent that is in RAM.",
      value: (process) => process.residentBytes,
    }),
    processGauge({
      name: "process_virtual_memory_bytes",
      unit: "bytes",
      help: "Address space that the agent has reserved.",
      value: (process) => process.virtualBytes,
    }),
    processGauge({
      name: "process_virtual_memory_max_bytes",
      unit: "bytes",
      help: "Address space that the agent may reserve; 2^64 where there is no limit.",
      value: (process) => process.maxVirtualBytes,
    }),
    processGauge({
      name: "process_threads",
      help: "Threads that the agent has.",
      value: (process) => process.threads,
    }),
    processGauge({
      name: "process_start_time_seconds",
      unit: "seconds",
      help: "When the agent was started, in seconds since the epoch.",
      value: (process) => process.startTimeSeconds,
    }),
    processGauge({
      name: "process_open_fds",
      help: "File descriptors that the agent has open.",
      value: (process) => process.openFds,
    }),
    processGauge({
      name: "process_max_fds",
      help: "File descriptors that the agent may have open.",
      value: (process) => process.maxFds,
    }),
  ],
};

/** Every metric, in the order they are exposed. */
export const FAMILY_GROUPS: readonly FamilyGroup[] = [
  EVENTS,
  RULES,
  LEDGER,
  AGENT,
  CONFIGURATION,
  PROCESS,
];

/** Every metric. */
export const FAMILIES: readonly Family[] = FAMILY_GROUPS.flatMap(({ families }) => families);

function processGauge(
  { value, ...described }: Single<ProcessStats, number | undefined>,
): Family {
  return {
    ...described,
    type: "gauge",
    labels: [],
    samples: ({ process }) => {
      const known = value(process);
      return known === undefined ? [] : [[known]];
    },
  };
}

function perProgram(
  programs: readonly ProgramCounters[],
  value: (program: ProgramCounters) => number,
): readonly Sample<["program"]>[] {
  return programs.map((program) => [value(program), program.name]);
}
