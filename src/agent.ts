/**
 * The agent: from the kernel's hooks to lines and metrics. Read it from top to bottom.
 *
 * BPF programs at hooks of the kernel count what happens, match rules, and write records into rings.
 * The pump takes them out, while there are any, and hands them to the outputs: that is the pipeline.
 * Beside it counters are read, for metrics and for what is said of losses.
 * @module
 */
import type { Config } from "./config.ts";
import { total } from "./counters/delta.ts";
import { describeLedger } from "./counters/ledger.ts";
import type { Meter } from "./counters/meter.ts";
import { PollLog } from "./counters/poll_log.ts";
import { Polls } from "./counters/polls.ts";
import { EVENT_KINDS } from "./events/kinds.ts";
import { createHandler } from "./http/routes.ts";
import { serve } from "./http/server.ts";
import { releaseFileMemory } from "./kernel/file_memory.ts";
import type { AdjustableLog, Log } from "./log.ts";
import { openPipeline, type Pipeline } from "./pipeline.ts";
import { limitsOfRules, reportRuleLimits } from "./probes/rule_limits.ts";
import type { Reloader } from "./reload.ts";
import { scraperOf } from "./scrapes.ts";
import { tickSudo } from "./sudo/watch.ts";
import { activityStatus, type Notifier, openNotifier } from "./systemd.ts";
import { after } from "./timer.ts";
import { VERSION } from "./version.ts";

/** A look that follows a poll takes over its reading of the counters, which may be so old. */
const RECENT_MS = 100;
/** V8 compiles most of what it compiles so soon; its compilers are then needed no more. */
const COMPILING_MS = 25_000;
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
export async function runAgent(config: Config, surroundings: Surroundings): Promise<void> {
  const { log, reloader, stop } = surroundings;
  await using stack = new AsyncDisposableStack();
  const pipeline = stack.use(await openPipeline({ config, log, onClosed: () => stop.abort() }));
  const polls = new Polls(config.pollIntervalMs);
  const agent: Running = { ...surroundings, config, pipeline, polls };
  stack.use(answerRequests(agent));

  const notifier = stack.use(openNotifier(Deno.env.toObject()));
  const pollLog = new PollLog(log, pipeline.meter.read(), pipeline.outputs);
  stack.use(polls.start({
    poll: () => tellActivity(pipeline, pollLog, notifier),
    look: () => lookAround(pipeline),
  }));
  stack.use(polls.feed(notifier));

  const releaseMemory = () => releaseFileMemory(pipeline.libbpf.libc);
  releaseMemory();
  stack.use(after(COMPILING_MS, releaseMemory));
  const pumping = pipeline.pump.run();
  notifier.ready("Watching");
  reloader.serve((next) => takeOver(next, agent), notifier);
  await aborted(stop.signal);

  await reloader.stop();
  notifier.stopping();
  pipeline.probes.detach();
  pipeline.pump.stop();
  await pumping;
  await finish(pipeline);
  // What no poll has seen yet.
  pollLog.observe(pipeline.meter.read());
  reportLedger(pipeline.meter, log);
  for (const { failure } of pipeline.outputs) if (failure !== undefined) throw failure;
}

/** An agent that runs. */
interface Running extends Surroundings {
  readonly config: Config;
  readonly pipeline: Pipeline;
  readonly polls: Polls;
}

/** Serves metrics, and whether the agent is well. */
function answerRequests(agent: Running): AsyncDisposable {
  const { config, pipeline, polls, log, stop } = agent;
  const answer = createHandler({
    telemetryPath: config.telemetryPath,
    version: VERSION,
    scrape: scraperOf(agent),
    status: () => ({ ready: !stop.signal.aborted, live: polls.areOnTime() }),
    onError: (error) => log.error("Cannot answer a request", { because: String(error) }),
  });
  const handler = (request: Request) => {
    pipeline.pump.leaveToLoop();
    return answer(request);
  };
  return serve({ listen: config.listen, handler, log });
}

/**
 * Looks for what nobody tells of: a clock that was set, a reader that went, files replaced, CPUs come
 * online, sudo's end.
 */
function lookAround({ clock, probes, sudo, libbpf, drain, meter, pump }: Pipeline): void {
  const { kernel, missed } = meter.recent(RECENT_MS);
  clock.refresh();
  pump.tick();
  probes.rules.tick();
  if (probes.rings.follow(meter.lostByCpu())) drain.setRings(probes.rings.events);
  if (sudo !== undefined) tickSudo(sudo, libbpf.libc, drain, kernel.exec.lost + missed.exec);
}

/** Reads the counters; says what has begun or ended to be lost, and how much goes on. */
function tellActivity({ meter }: Pipeline, pollLog: PollLog, notifier: Notifier): void {
  const { seen, lost, seconds } = pollLog.observe(meter.read());
  notifier.status(activityStatus(total(seen) / seconds, total(lost)));
}

/** Takes over what of a changed configuration may change while the agent runs. */
function takeOver(next: Config, { pipeline, polls, log }: Running): void {
  const { rules, states } = pipeline.probes;
  const before = limitsOfRules(rules.inUse, states);
  // First what may be refused.
  rules.replace(next.rules);
  log.setLevel(next.log.level);
  reportRuleLimits(limitsOfRules(rules.inUse, states), log, before);
  polls.setInterval(next.pollIntervalMs);
}

/** Drains what stands in the rings, then writes what is queued in what is left of FLUSH_MS. */
async function finish({ pump, outputs }: Pipeline): Promise<void> {
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
