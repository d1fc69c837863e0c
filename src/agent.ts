/** The agent: from the kernel's hooks to lines and metrics. Read it from top to bottom. @module */
import type { Config } from "./config.ts";
import { describeLedger } from "./counters/ledger.ts";
import { Meter } from "./counters/meter.ts";
import { total } from "./counters/delta.ts";
import { PollLog } from "./counters/poll_log.ts";
import { Polls } from "./counters/polls.ts";
import { Doorbell } from "./events/doorbell.ts";
import { Drain } from "./events/drain.ts";
import { EventLoop } from "./events/event_loop.ts";
import { Inspector } from "./events/inspector.ts";
import { EVENT_KINDS } from "./events/kinds.ts";
import { Pump } from "./events/pump.ts";
import { defaultRingPages } from "./events/rings.ts";
import { createHandler } from "./http/routes.ts";
import { serve } from "./http/server.ts";
import { BootClock } from "./kernel/clock.ts";
import { kernelRelease, readFeatures } from "./kernel/features.ts";
import { releaseFileMemory } from "./kernel/file_memory.ts";
import { countOnlineCpus, pageSize } from "./kernel/libc.ts";
import { openLibbpf } from "./libbpf/library.ts";
import type { AdjustableLog, Log } from "./log.ts";
import { readProcessStats } from "./metrics/process.ts";
import { openOutputs } from "./outputs/open_outputs.ts";
import type { Output } from "./outputs/output.ts";
import { readImage } from "./probes/image.ts";
import { openProbes } from "./probes/probes.ts";
import { listBlindSpots, listHooks, reportProbes } from "./probes/report.ts";
import { DOORBELL_MS } from "./probes/settings.ts";
import type { Reloader } from "./reload.ts";
import { RuleSets } from "./rules/rule_sets.ts";
import { ArgsConfirmation } from "./rules/confirmation.ts";
import { tickSudo, watchSudo } from "./sudo/watch.ts";
import { activityStatus, openNotifier } from "./systemd.ts";
import { every } from "./timer.ts";
import { VERSION } from "./version.ts";

/** How often the clock, the files of rules and calls of sudo are looked at, however seldom counters are. */
const SECOND_MS = 1000;
/** How long what is queued may take to be written once the agent stops. */
const FLUSH_MS = 2000;
/** How long a BPF program may take to end. */
const LAST_PROGRAMS_MS = 20;

/** What an agent is given besides its configuration. */
export interface Surroundings {
  readonly log: AdjustableLog;
  /** Where a changed configuration comes from. */
  readonly reloader: Reloader;
  readonly stop: AbortController;
}

/** Runs the agent until `stop` is aborted. Throws an AgentError where it cannot. */
export async function runAgent(
  config: Config,
  { log, reloader, stop }: Surroundings,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const libbpf = stack.use(openLibbpf());
  const { libc } = libbpf;
  const loop = stack.use(new EventLoop(libc));
  const features = readFeatures(libc);
  if (config.bpfStats) stack.use(libbpf.enableStats());

  const clock = stack.use(new BootClock());
  const ruleSets = new RuleSets();
  const sudo = watchSudo(config, libc, log);
  const context = { rules: ruleSets, sudo: sudo ?? { current: undefined } };
  const outputs = stack.use(await openOutputs(config, clock, context)).list;
  const probes = stack.use(openProbes(libbpf, {
    image: readImage(),
    features,
    config,
    ringPages: config.ringPages ?? defaultRingPages(countOnlineCpus(libc), pageSize(libc)),
    log,
    ruleSets,
  }));
  features[Symbol.dispose]();
  reportProbes(probes.states, log);

  const confirmation = new ArgsConfirmation(ruleSets);
  const inspector = new Inspector({ confirmation, sudo, delivered: config.events });
  const drain = new Drain(probes.rings.events, outputs, inspector);
  const meter = new Meter({
    ...probes,
    drain,
    outputs,
    possibleCpus: libbpf.possibleCpus,
    confirmed: confirmation.counts,
  });
  const doorbell = stack.use(new Doorbell(libc, probes.rings.doorbellFd, loop));
  const { rules } = probes;
  if (rules.alarm !== undefined) doorbell.ringFor(rules.alarm);
  const pump = new Pump({
    drain,
    outputs,
    doorbell,
    loop,
    rings: probes.rings,
    doorbellMs: DOORBELL_MS,
    onLook: () => rules.follow(),
    onClosed: () => stop.abort(),
  });

  const polls = new Polls(config.pollIntervalMs);
  const kernel = kernelRelease(libc);
  const build = { version: VERSION, deno: Deno.version.deno, libbpf: libbpf.version, kernel };
  const handler = createHandler({
    telemetryPath: config.telemetryPath,
    version: VERSION,
    scrape: () => ({
      reading: meter.read(),
      lastPollMs: polls.lastMs,
      build,
      probes: listHooks(probes.states),
      blindSpots: listBlindSpots(probes.states),
      transport: probes.rings.transport,
      process: readProcessStats(libc),
      bpfStats: config.bpfStats,
      reload: reloader.state,
    }),
    status: () => ({ ready: !stop.signal.aborted, live: polls.areOnTime() }),
    onError: (error) => log.error("Cannot answer a request", { because: String(error) }),
  });
  stack.use(serve({ listen: config.listen, handler, log }));

  const notifier = stack.use(openNotifier(Deno.env.toObject()));
  const pollLog = new PollLog(log, meter.read(), outputs);
  stack.use(every(SECOND_MS, () => {
    clock.refresh();
    rules.tick();
    if (sudo !== undefined) tickSudo(sudo, libc, drain, meter.countUntold("exec"));
  }));
  stack.use(polls.start(() => {
    const reading = meter.read();
    const delta = pollLog.observe(reading);
    notifier.status(activityStatus(total(delta.seen) / delta.seconds, total(delta.lost)));
  }));
  stack.use(polls.feed(notifier));

  releaseFileMemory(libc);
  const pumping = pump.run();
  notifier.ready("Watching");
  reloader.serve((next) => {
    rules.replace(next.rules);
    log.setLevel(next.log.level);
    polls.setInterval(next.pollIntervalMs);
    return Promise.resolve();
  }, notifier);
  await aborted(stop.signal);

  await reloader.stop();
  notifier.stopping();
  probes.detach();
  pump.stop();
  await pumping;
  await finish(pump, outputs);
  reportLedger(meter, log);
}

/** Drains what stands in the rings, then writes what is queued: all within FLUSH_MS. */
async function finish(pump: Pump, outputs: readonly Output[]): Promise<void> {
  const deadline = performance.now() + FLUSH_MS;
  await pump.drainAll();
  // A program that was running when its probe was detached may still have written.
  await new Promise((resolve) => setTimeout(resolve, LAST_PROGRAMS_MS));
  await pump.drainAll();
  const left = Math.max(0, deadline - performance.now());
  await Promise.all(outputs.map((output) => output.close(left)));
}

function reportLedger(meter: Meter, log: Log): void {
  const reading = meter.read(true);
  for (const event of EVENT_KINDS) log.print(describeLedger(event, reading.kernel[event], reading));
  if (reading.balanced) log.print("The ledger closes");
  else log.error("The ledger does not close", { because: reading.imbalances.join("; ") });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
