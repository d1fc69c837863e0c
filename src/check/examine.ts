/** The whole check: what the system tells, what trying tells, and the proof. @module */
import type { Config } from "../config.ts";
import { EVENT_KINDS } from "../events/kinds.ts";
import { defaultRingPages } from "../events/rings.ts";
import { readFeatures } from "../kernel/features.ts";
import { countOnlineCpus, type Libc, openLibc, pageSize } from "../kernel/libc.ts";
import { type Libbpf, openLibbpf } from "../libbpf/library.ts";
import { createLog } from "../log.ts";
import { openProbes, type Probes } from "../probes/probes.ts";
import { RuleSets } from "../rules/rule_sets.ts";
import {
  eventRequirements,
  libbpfRequirement,
  programsRequirement,
  proofRequirement,
  transportRequirement,
} from "./agent_requirements.ts";
import { capabilitiesRequirement } from "./capabilities.ts";
import { readFacts } from "./facts.ts";
import { tryPerfEvent } from "./perf_event.ts";
import { portRequirement } from "./port.ts";
import { memlockRequirement, perfEventRequirement, type RingPages } from "./privileges.ts";
import { absentSpots, judge, prove, untested } from "./proof.ts";
import { type Report, verdictOf } from "./report.ts";
import { attempt, attemptLater, failure } from "./sentence.ts";
import { systemRequirements } from "./system.ts";

/** What a check needs to see of events, whatever is to be delivered otherwise. */
const EVERYTHING = {
  events: EVENT_KINDS,
  output: "json",
  filter: { comm: [], uid: [], pid: [] },
  args: "full",
} as const;

/** Everything attached, with what else the lines of the report are made from. */
interface Attached extends Probes {
  readonly libc: Libc;
  readonly pages: RingPages;
}

/** Examines everything that a run with this configuration would need. Does not throw. */
export async function examine(config: Config): Promise<Report> {
  using stack = new DisposableStack();
  const libc = attempt(() => stack.use(openLibc()));
  const facts = readFacts("value" in libc ? libc.value : libc.failure.found);
  const perfEvent = "value" in libc ? tryPerfEvent(libc.value) : { refused: "no C library" };
  const port = await portRequirement(config.listen);

  const libbpf = attempt(() => stack.use(openLibbpf()));
  const attached = "value" in libbpf
    ? attempt(() => stack.use(attach(libbpf.value, config)))
    : failure("not tried, for want of libbpf");
  const trials = "value" in attached
    ? await attemptLater(() => prove(attached.value.libc, attached.value))
    : failure("nothing is attached");
  const made = "value" in trials ? trials.value : [];

  const proof = "value" in attached && "value" in trials
    ? judge(made, attached.value.states)
    : untested("failure" in trials ? trials.failure.found : "nothing is attached");
  const requirements = [
    ...systemRequirements(facts, "value" in attached ? attached.value.states : undefined),
    capabilitiesRequirement(facts.status),
    perfEventRequirement(facts.perfEventParanoid, perfEvent),
    memlockRequirement(facts, "value" in attached ? attached.value.pages : undefined),
    libbpfRequirement(libbpf),
    port,
    programsRequirement(attached),
    transportRequirement(attached, config.transport),
    ...eventRequirements(attached, absentSpots(made)),
    proofRequirement(trials, proof),
  ];
  return { verdict: verdictOf("value" in attached, requirements, proof), requirements, proof };
}

/** Loads and attaches as the agent does, with everything to be delivered. */
function attach(libbpf: Libbpf, config: Config): Attached {
  const { libc } = libbpf;
  const wanted = config.ringPages ?? defaultRingPages(countOnlineCpus(libc), pageSize(libc));
  using features = readFeatures(libc);
  const probes = openProbes(libbpf, {
    features,
    config: { ...config, ...EVERYTHING },
    ringPages: wanted,
    log: createLog({ level: "error", format: "text", write: () => {} }),
    ruleSets: new RuleSets(),
  });
  return { ...probes, libc, pages: { wanted, opened: probes.rings.pages } };
}
