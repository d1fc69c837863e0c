import { deepEqual, equal, ok } from "node:assert/strict";
import { EVENT_KINDS, perKind } from "../events/kinds.ts";
import { FAMILIES } from "./families.ts";
import type { Scrape } from "./family.ts";
import { SCRAPE } from "./scrape_fixture.ts";

/** All samples as `name{label=value,…}` and value. */
function samplesOf(scrape: Scrape): ReadonlyMap<string, number> {
  const all = FAMILIES.flatMap(({ name, labels, samples }) =>
    samples(scrape).map(([value, ...values]) => {
      equal(values.length, labels.length, name);
      const pairs = labels.map((label, index) => `${label}=${values[index]}`).join();
      return [pairs === "" ? name : `${name}{${pairs}}`, value] as const;
    })
  );
  equal(new Set(all.map(([key]) => key)).size, all.length, "a sample stands twice");
  return new Map(all);
}

Deno.test("FAMILIES take each number from its own place", () => {
  const samples = samplesOf(SCRAPE);
  const expected: Readonly<Record<string, number>> = {
    "sys_clone_calls_total": 1001,
    "sys_openat_calls_total": 995,
    "ebpf_exec_events_total": 1000,
    "ebpf_sudo_events_total": 3,
    "ebpf_passwd_read_events_total": 7,
    "ebpf_agent_passwd_reads_total{by=direct}": 2,
    "ebpf_agent_passwd_reads_total{by=name_service}": 5,
    "ebpf_agent_rule_matches_total{rule=shadow-read,severity=high}": 12,
    "ebpf_agent_rule_suppressed_total{rule=shadow-read}": 2,
    "ebpf_agent_rules_loaded": 2,
    "ebpf_agent_events_seen_total{event=privilege}": 1003,
    "ebpf_agent_events_filtered_total{event=clone}": 101,
    "ebpf_agent_events_submitted_total{event=open}": 802,
    "ebpf_agent_events_lost_total{event=open}": 98,
    "ebpf_agent_events_received_total{event=exec}": 790,
    "ebpf_agent_events_withheld_total{event=exec}": 6,
    "ebpf_agent_events_in_ring{event=open}": 22,
    "ebpf_agent_events_missed_total{event=clone}": 11,
    "ebpf_agent_events_emitted_total{event=open,output=json}": 712,
    "ebpf_agent_events_dropped_total{event=exec,output=text}": 50,
    "ebpf_agent_events_queued{event=clone,output=json}": 41,
    "ebpf_agent_ledger_balanced": 1,
    "ebpf_agent_build_info{version=0.1.0,deno=2.9.6,libbpf=1.1.2,kernel=6.1.0-18-amd64}": 1,
    "ebpf_agent_probe_attached{event=open,hook=tp_btf/sys_exit}": 0,
    "ebpf_agent_probe_attached{event=open,hook=raw_tp/sys_exit}": 1,
    "ebpf_agent_blind_spot{event=open,spot=compat32}": 1,
    "ebpf_agent_transport{transport=perf}": 1,
    "ebpf_agent_program_missed_total{program=count_exec}": 5,
    "ebpf_agent_program_runs_total{program=count_open}": 2 ** 53 - 1,
    "ebpf_agent_program_run_seconds_total{program=count_exec}": 1.5,
    "ebpf_agent_last_poll_timestamp_seconds": 1_795_291_781.5,
    "ebpf_agent_config_last_reload_successful": 0,
    "ebpf_agent_config_last_reload_success_timestamp_seconds": 1_795_291_702.25,
    "process_cpu_seconds_total": 1.25,
    "process_resident_memory_bytes": 57_000_000,
    "process_virtual_memory_bytes": 18_586_001_408,
    "process_virtual_memory_max_bytes": 2 ** 64,
    "process_threads": 7,
    "process_start_time_seconds": 1_795_291_700.83,
    "process_open_fds": 22,
    "process_max_fds": 20_000,
  };
  for (const [key, value] of Object.entries(expected)) equal(samples.get(key), value, key);
  const covered = new Set(Object.keys(expected).map((key) => key.replace(/\{.*/, "")));
  deepEqual(FAMILIES.map(({ name }) => name).filter((name) => !covered.has(name)), []);
});

const KIND_STAGES = [
  "seen",
  "filtered",
  "submitted",
  "lost",
  "received",
  "withheld",
  "missed",
] as const;

Deno.test("FAMILIES show the ledger for every kind from the first scrape", () => {
  const none = perKind(() => 0);
  const samples = samplesOf({
    ...SCRAPE,
    reading: {
      ...SCRAPE.reading,
      kernel: perKind(() => ({ seen: 0, filtered: 0, submitted: 0, lost: 0 })),
      missed: none,
      received: none,
      withheld: none,
      inRing: none,
      outputs: [{ name: "text", emitted: none, dropped: none, queued: none }],
    },
  });
  for (const event of EVENT_KINDS) {
    for (const stage of KIND_STAGES) {
      equal(samples.get(`ebpf_agent_events_${stage}_total{event=${event}}`), 0, stage);
    }
    equal(samples.get(`ebpf_agent_events_in_ring{event=${event}}`), 0);
    for (const stage of ["emitted_total", "dropped_total", "queued"]) {
      equal(samples.get(`ebpf_agent_events_${stage}{event=${event},output=text}`), 0, stage);
    }
  }
});

Deno.test("FAMILIES say so where the ledger does not close", () => {
  const reading = { ...SCRAPE.reading, balanced: false };
  equal(samplesOf({ ...SCRAPE, reading }).get("ebpf_agent_ledger_balanced"), 0);
});

Deno.test("FAMILIES have run counts and times of programs with the kernel's statistics alone", () => {
  const keys = [...samplesOf({ ...SCRAPE, bpfStats: false }).keys()];
  deepEqual(keys.filter((key) => key.startsWith("ebpf_agent_program_run")), []);
  ok(keys.includes("ebpf_agent_program_missed_total{program=count_open}"));
});

Deno.test("FAMILIES leave out what could not be read", () => {
  const process = { ...SCRAPE.process, openFds: undefined, residentBytes: undefined };
  const samples = samplesOf({ ...SCRAPE, process });
  equal(samples.has("process_open_fds"), false);
  equal(samples.has("process_resident_memory_bytes"), false);
  equal(samples.get("process_max_fds"), 20_000);
});

Deno.test("FAMILIES tell of no configuration where none was read", () => {
  const reload = { successful: undefined, succeededAtMs: undefined };
  const names = [...samplesOf({ ...SCRAPE, reload }).keys()];
  deepEqual(names.filter((name) => name.startsWith("ebpf_agent_config")), []);
});

Deno.test("FAMILIES label by nothing that grows with what happens", () => {
  const labels = new Set(FAMILIES.flatMap((family) => family.labels));
  deepEqual([...labels].sort(), [
    "by",
    "deno",
    "event",
    "hook",
    "kernel",
    "libbpf",
    "output",
    "program",
    "rule",
    "severity",
    "spot",
    "transport",
    "version",
  ]);
});
