/** docs/metrics.md, from the table of metrics in code. @module */
import { TRANSPORTS } from "../src/events/transport.ts";
import { SEVERITIES } from "../src/rules/rule.ts";
import { HOOK_NAMES } from "../src/probes/catalogue.ts";
import { COVERAGE } from "../src/probes/coverage.ts";
import { EVENT_KINDS } from "../src/events/kinds.ts";
import { FAMILY_GROUPS } from "../src/metrics/families.ts";
import type { FamilyGroup } from "../src/metrics/family.ts";

const INTRODUCTION = `# Metrics

<!-- Generated from src/metrics/families.ts by scripts/gen.ts: do not edit. -->

What \`/metrics\` shows (the path is \`--web.telemetry-path\`), in Prometheus' text format 0.0.4, or in
OpenMetrics 1.0 for a client that asks for it. Everything is read when it is scraped. What happened
is counted in the kernel, so events that nobody asked for, or that were lost on their way to an
output, are counted too. All counters begin at 0 when the agent starts.
`;

const LEDGER = `## How the ledger closes

For each kind of event, with nothing in it derived from the rest:

    happened  = seen + missed
    seen      = filtered + submitted + lost
    submitted = received + in ring
    received  = withheld + emitted + dropped + queued   for each output

- **missed**: the kernel did not run the BPF program, so the event is in no other counter. It is the
  kernel's own count of each program: Linux 5.12 and later have one, and 6.7 and later one of each
  kprobe and kretprobe. More than none means that all the others may be too low by as
  many, and no more: a program that also sees other calls may have been wanted for those. Every
  system call ends in the one program behind exec, open and privilege by tp_btf or raw_tp, which is
  counted for each of the three; and the one about opens that were refused meets all opens.
- **filtered**: nobody asked for the event, by \`--events\` or \`--filter.*\`, or it was the agent's own.
  It stayed in the kernel.
- **lost**: the ring was full, or the CPU came online within the last second or two. The counters are right all the same; the event reached no output.
- **withheld**: the event came for rules about arguments alone, which only user space can look at, and
  did not match them.
- **dropped**: an output refused the event, because its reader is too slow or gone.

A scrape meets events under way, so a sum may be off by as many as there are at that moment; at rest
and at exit it is exact. The agent checks this itself: \`ebpf_agent_ledger_balanced\` is 0 where it is
off by more.

Worth an alert:

    ebpf_agent_ledger_balanced == 0
    rate(ebpf_agent_events_missed_total[5m]) > 0
    rate(ebpf_agent_events_lost_total[5m]) > 0
    time() - ebpf_agent_last_poll_timestamp_seconds > 60
`;

/** Of any hook, each once. */
const SPOTS = [
  ...new Set(Object.values(COVERAGE).flatMap(Object.values).flat().map(({ id }) => id)),
].sort();

const LABELS = `## Labels

| label | values |
|---|---|
| \`event\` | ${EVENT_KINDS.map(code).join(", ")}: the kind of event |
| \`output\` | where events go, such as \`stdout\` |
| \`hook\` | how a kind of event is observed in the kernel: ${HOOK_NAMES.map(code).join(", ")} |
| \`rule\` | the name of a rule of the configuration |
| \`severity\` | of the rule: ${SEVERITIES.map(code).join(", ")} |
| \`spot\` | what is not seen, see [coverage.md](coverage.md): ${
  SPOTS.map(code).join(", ")
}, or \`everything\` of a kind that is not watched |
| \`transport\` | what carries events to the agent: ${TRANSPORTS.map(code).join(", ")} |
| \`program\` | the name of a BPF program |
| \`by\` | who asked for \`/etc/passwd\`: \`name_service\` or \`direct\`, see [rules.md](rules.md#who-reads-etcpasswd) |

A process, a path, arguments, a user or a program's name in the process list is never a label: their
number has no bound, and they may be secret.
`;

/** The text of docs/metrics.md. */
export function generate(): string {
  return [INTRODUCTION, ...FAMILY_GROUPS.map(section), LEDGER, LABELS].join("\n");
}

function section({ title, families }: FamilyGroup): string {
  const rows = families.map(({ name, type, labels, help }) =>
    `| ${code(name)} | ${type} | ${labels.map(code).join(", ")} | ${escapeCell(help)} |\n`
  );
  return `## ${title}\n\n| name | type | labels | meaning |\n|---|---|---|---|\n${rows.join("")}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** What would end a cell, or be taken for markup. */
function escapeCell(text: string): string {
  return text.replace(/[\\|`*_<[\]]/g, "\\$&");
}
