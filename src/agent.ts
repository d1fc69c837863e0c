/** The agent: from the kernel's hooks to lines and metrics. Read it from top to bottom. @module */
import type { Config } from "./config.ts";
import { describeLedger } from "./counters/ledger.ts";
import { Meter } from "./counters/meter.ts";
import { PollLog } from "./counters/poll_log.ts";
import { Doorbell } from "./events/doorbell.ts";
import { Drain } from "./events/drain.ts";
import { EVENT_KINDS } from "./events/kinds.ts";
import { Pump } from "./events/pump.ts";
import { defaultRingPages } from "./events/rings.ts";
import { createHandler } from "./http/routes.ts";
import { serve } from "./http/server.ts";
import { BootClock } from "./kernel/clock.ts";
import { kernelRelease, readFeatures } from "./kernel/features.ts";
import { watchPasswd } from "./kernel/watched_files.ts";
import { openLibbpf } from "./libbpf/library.ts";
import type { Log } from "./log.ts";
import { readProcessStats } from "./metrics/process.ts";
import { openOutputs } from "./outputs/open_outputs.ts";
import type { Output } from "./outputs/output.ts";
import { readImage } from "./probes/image.ts";
import { openProbes, type Probes, WATCH_PROGRAM } from "./probes/probes.ts";
import { blindSpots } from "./probes/coverage.ts";
import { DOORBELL_MS } from "./probes/settings.ts";
import { VERSION } from "./version.ts";

/** How long what is queued may take to be written once the agent stops. */
const FLUSH_MS = 2000;
/** A loop that has not ticked for so many poll intervals is not alive. */
const LATE_TICKS = 5;

/** Runs the agent until `stop` is aborted. Throws an AgentError where it cannot. */
export async function runAgent(config: Config, log: Log, stop: AbortController): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const libbpf = stack.use(openLibbpf());
  const { libc } = libbpf;
  const features = readFeatures(libc);
  if (config.bpfStats) stack.use(libbpf.enableStats());

  const clock = stack.use(new BootClock());
  const outputs = stack.use(openOutputs(config, clock)).list;
  const probes = stack.use(openProbes(libbpf, {
    image: readImage(),
    features,
    config,
    ringPages: config.ringPages ?? defaultRingPages(libbpf.possibleCpus),
    log,
    prepare: (object) => void watchPasswd(libc, object.program(WATCH_PROGRAM)),
  }));
  reportProbes(probes, log);

  const drain = new Drain(probes.rings.events, outputs);
  const meter = new Meter({ ...probes, drain, outputs, possibleCpus: libbpf.possibleCpus });
  const pump = new Pump({
    drain,
    outputs,
    doorbell: stack.use(new Doorbell(libc, probes.rings.doorbellFd)),
    rings: probes.rings,
    doorbellMs: DOORBELL_MS,
    onClosed: () => stop.abort(),
  });

  let lastPollMs = Date.now();
  const kernel = kernelRelease(libc);
  const build = { version: VERSION, deno: Deno.version.deno, libbpf: libbpf.version, kernel };
  const handler = createHandler({
    telemetryPath: config.telemetryPath,
    version: VERSION,
    scrape: () => ({
      reading: meter.read(Date.now()),
      lastPollMs,
      build,
      probes: describeProbes(probes),
      transport: probes.rings.transport,
      process: readProcessStats(libc),
      bpfStats: config.bpfStats,
    }),
    status: () => ({
      ready: true,
      live: Date.now() - lastPollMs < LATE_TICKS * config.pollIntervalMs,
    }),
    onError: (error) => log.error("Cannot answer a request", { because: String(error) }),
  });
  stack.use(serve({ listen: config.listen, handler, log }));

  const pollLog = new PollLog(log, meter.read(lastPollMs), outputs);
  const polling = setInterval(() => {
    lastPollMs = Date.now();
    clock.refresh();
    watchPasswd(libc, probes.object.program(WATCH_PROGRAM));
    pollLog.observe(meter.read(lastPollMs));
  }, config.pollIntervalMs);
  stack.defer(() => clearInterval(polling));

  const pumping = pump.run();
  await aborted(stop.signal);

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
  const left = Math.max(0, deadline - performance.now());
  await Promise.all(outputs.map((output) => output.close(left)));
}

function reportLedger(meter: Meter, log: Log): void {
  const reading = meter.read(Date.now(), true);
  for (const event of EVENT_KINDS) log.print(describeLedger(event, reading.kernel[event], reading));
  if (reading.balanced) log.print("The ledger closes");
  else log.error("The ledger does not close", { because: reading.imbalances.join("; ") });
}

function reportProbes(probes: Probes, log: Log): void {
  for (const event of EVENT_KINDS) {
    const state = probes.states[event];
    if (state.state === "missing") {
      log.warn(`Not watching ${event} events`, { because: state.because });
      continue;
    }
    const insteadOf = state.insteadOf.map(({ hook, because }) => `${hook}: ${because}`).join("; ");
    const blind = blindSpots(event, state).map(({ id }) => id).join(",");
    log.info(`Watching ${event} events by ${state.hook}`, {
      ...(insteadOf !== "" && { instead_of: insteadOf }),
      ...(blind !== "" && { blind_spots: blind }),
    });
  }
}

/** Each hook that was wanted, in order of preference, up to the one in use. */
function describeProbes({ states }: Probes) {
  return EVENT_KINDS.flatMap((event) => {
    const state = states[event];
    if (state.state === "missing") return [];
    const refused = state.insteadOf.map(({ hook }) => ({ event, hook, attached: false }));
    return [...refused, { event, hook: state.hook, attached: true }];
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
