/** Opens at full speed on two CPUs, with scrapes meanwhile. @module */
import type { Agent } from "./agent.ts";
import { encodeHex, encodeText } from "./bytes.ts";
import type { Load } from "./load.ts";
import type { Metrics } from "./metrics.ts";
import { sleep } from "./process.ts";

/** The name that a storm's processes take: of this test alone, and of nobody beside it. */
export const STORM_NAME = `storm-${Deno.pid}`;

/** Opens at full speed on the first two CPUs (on the one, where there is no second); how many. */
export async function stormOnTwoCpus(load: Load, milliseconds: number): Promise<number> {
  const name = `comm=${encodeHex(encodeText(STORM_NAME))}`;
  const cpus = Math.min(2, navigator.hardwareConcurrency);
  const runs = await Promise.all(
    Array.from({ length: cpus }, (_, cpu) => load.run(name, `storm=${cpu}:${milliseconds}`)),
  );
  return runs.reduce((sum, { stormOpens }) => sum + stormOpens, 0);
}

/** What was scraped while something went on. */
export interface Scrapes<T> {
  readonly result: T;
  readonly metrics: readonly Metrics[];
  readonly slowestMs: number;
}

/** Scrapes ten times a second while work is under way. */
export async function scrapeDuring<T>(agent: Agent, work: () => Promise<T>): Promise<Scrapes<T>> {
  const metrics: Metrics[] = [];
  let slowestMs = 0;
  let done = false;
  const scraping = (async () => {
    while (!done) {
      const started = performance.now();
      metrics.push(await agent.metrics());
      slowestMs = Math.max(slowestMs, performance.now() - started);
      await sleep(100);
    }
  })();
  const working = work().finally(() => done = true);
  const [result] = await Promise.all([working, scraping]);
  return { result, metrics, slowestMs };
}
