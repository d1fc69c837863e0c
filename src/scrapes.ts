/** What the agent tells of itself by HTTP, read anew for each scrape. @module */
import type { Config } from "./config.ts";
import type { Polls } from "./counters/polls.ts";
import { kernelRelease } from "./kernel/features.ts";
import type { Scrape } from "./metrics/family.ts";
import { readProcessStats } from "./metrics/process.ts";
import type { Pipeline } from "./pipeline.ts";
import { listBlindSpots, listHooks } from "./probes/report.ts";
import type { Reloader } from "./reload.ts";
import { VERSION } from "./version.ts";

export interface ScrapeSources {
  readonly config: Config;
  readonly pipeline: Pipeline;
  readonly polls: Polls;
  readonly reloader: Reloader;
}

/** What a scrape is to call. */
export function scraperOf(
  { config, pipeline, polls, reloader }: ScrapeSources,
): () => Scrape {
  const { libbpf, probes, meter } = pipeline;
  const { libc } = libbpf;
  const kernel = kernelRelease(libc);
  const build = { version: VERSION, deno: Deno.version.deno, libbpf: libbpf.version, kernel };
  return () => ({
    reading: meter.read(),
    lastPollMs: polls.lastMs,
    build,
    probes: listHooks(probes.states),
    blindSpots: listBlindSpots(probes.states),
    transport: probes.rings.transport,
    process: readProcessStats(libc),
    bpfStats: config.bpfStats,
    reload: reloader.state,
  });
}
