/** The agent: from the kernel's hooks to lines and metrics. Read it from top to bottom. @module */
import type { Config } from "./config.ts";
import { describeLedger } from "./counters/ledger.ts";
import { Meter } from "./counters/meter.ts";
import { PollLog } from "./counters/poll_log.ts";
import { failedError } from "./errors.ts";
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
import { openProbes, type Probes, WATCH_PROGRAM } from "./probes/probes.ts";
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
    image: readObject(),
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

  const pollLog = new PollLog(log, meter.read(lastPollMs));
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
  for (const { event, hook, because } of probes.refusals) {
    log.warn(`Cannot use ${hook} for ${event} events`, { because });
  }
  for (const event of EVENT_KINDS) {
    const state = probes.states[event];
    if (state.state === "attached") log.info(`Watching ${event} events by ${state.hook}`);
    else log.warn(`Not watching ${event} events`, { because: state.because });
  }
}

function describeProbes(probes: Probes) {
  const refused = probes.refusals.map(({ event, hook }) => ({ event, hook, attached: false }));
  const attached = EVENT_KINDS.flatMap((event) => {
    const state = probes.states[event];
    return state.state === "attached" ? [{ event, hook: state.hook, attached: true }] : [];
  });
  return [...attached, ...refused];
}

function readObject(): Uint8Array {
  const path = new URL("../bpf/agent.bpf.o", import.meta.url);
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw failedError(
      `Cannot read the BPF object ${path.pathname}. Install the agent again`,
      error,
    );
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
