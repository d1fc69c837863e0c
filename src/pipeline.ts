/**
 * What an event goes through: a hook in the kernel, a ring, the drain, the outputs. What counts on the
 * way is read by the meter, without the events.
 * @module
 */
import type { Config } from "./config.ts";
import { Meter } from "./counters/meter.ts";
import { Doorbell } from "./events/doorbell.ts";
import { Drain } from "./events/drain.ts";
import { EventLoop } from "./events/event_loop.ts";
import { Inspector } from "./events/inspector.ts";
import { Shared } from "./events/layout.gen.ts";
import { Pump } from "./events/pump.ts";
import { defaultRingPages } from "./events/rings.ts";
import { BootClock, systemClocks } from "./kernel/clock.ts";
import { readFeatures } from "./kernel/features.ts";
import { countOnlineCpus, pageSize } from "./kernel/libc.ts";
import { type Libbpf, openLibbpf } from "./libbpf/library.ts";
import { mapInMemory } from "./libbpf/mapped_map.ts";
import type { Log } from "./log.ts";
import { openOutputs } from "./outputs/open_outputs.ts";
import type { Output } from "./outputs/output.ts";
import { openProbes, type ProbeOptions, type Probes } from "./probes/probes.ts";
import { reportProbes } from "./probes/report.ts";
import { limitsOfRules, reportRuleLimits } from "./probes/rule_limits.ts";
import { ArgsConfirmation } from "./rules/confirmation.ts";
import { RuleSets } from "./rules/rule_sets.ts";
import type { SudoSessions } from "./sudo/sessions.ts";
import { watchSudo } from "./sudo/watch.ts";

/** Everything is open and attached; records wait in the rings until the pump runs. */
export interface Pipeline extends Disposable {
  readonly libbpf: Libbpf;
  /** What the kernel's times are turned to wall-clock time by. */
  readonly clock: BootClock;
  /** Programs, maps, rings and rules in the kernel. */
  readonly probes: Probes;
  /** Takes records out of the rings, when the pump has it do so. */
  readonly drain: Drain;
  readonly pump: Pump;
  readonly outputs: readonly Output[];
  /** Undefined where execs do not come with all that is needed to tell how a call of sudo ended. */
  readonly sudo: SudoSessions | undefined;
  readonly meter: Meter;
}

export interface PipelineOptions {
  readonly config: Config;
  readonly log: Log;
  /** Called when an output finds that nobody reads any more. */
  onClosed(): void;
}

/**
 * Opens all of it; the outputs first, so that nothing is attached where they cannot be had. Throws an
 * AgentError where it cannot.
 */
export async function openPipeline({ config, log, onClosed }: PipelineOptions): Promise<Pipeline> {
  using stack = new DisposableStack();
  const libbpf = stack.use(openLibbpf());
  const { libc } = libbpf;
  const loop = stack.use(new EventLoop(libc));
  using features = readFeatures(libc);
  if (config.bpfStats) stack.use(libbpf.enableStats());

  const clock = new BootClock(systemClocks(libc));
  const ruleSets = new RuleSets();
  const sudo = watchSudo(config, libc, log);
  const context = { rules: ruleSets, sudo: sudo ?? { current: undefined } };
  const outputs = stack.use(await openOutputs(config, clock, context)).list;
  const probes = stack.use(attach(libbpf, { config, features, ruleSets, log }));
  const { rings, rules } = probes;

  const confirmation = new ArgsConfirmation(ruleSets);
  const inspector = new Inspector({ confirmation, sudo, delivered: config.events });
  const drain = new Drain(rings.events, outputs, inspector);
  const shared = stack.use(mapInMemory(libc, probes.object.map(".bss")));
  const awaited = new Uint32Array(shared.bytes.buffer, Shared.awaited, 1);
  const doorbell = stack.use(new Doorbell({ libc, rings, awaited, loop }));
  if (rules.alarm !== undefined) doorbell.ringFor(rules.alarm);
  const onRung = () => rules.follow();
  const pump = new Pump({ drain, outputs, doorbell, loop, rings, onRung, onClosed });
  const { possibleCpus } = libbpf;
  const confirmed = confirmation.counts;
  const meter = new Meter({ ...probes, drain, outputs, possibleCpus, confirmed });

  const owned = stack.move();
  const dispose = () => owned.dispose();
  return { libbpf, clock, probes, drain, pump, outputs, sudo, meter, [Symbol.dispose]: dispose };
}

/** Has the kernel run the BPF programs, and says at which hooks, and what that means for the rules. */
function attach(
  libbpf: Libbpf,
  options: Pick<ProbeOptions, "config" | "features" | "ruleSets" | "log">,
): Probes {
  const { libc } = libbpf;
  const { config, log } = options;
  const ringPages = config.ringPages ??
    defaultRingPages(countOnlineCpus(libc), pageSize(libc));
  const probes = openProbes(libbpf, { ...options, ringPages });
  reportProbes(probes.states, log);
  reportRuleLimits(limitsOfRules(config.rules, probes.states), log);
  return probes;
}
