/** What the agent does with events, with no kernel: takes records out of a ring and makes lines of them. @module */
import { Drain } from "../../src/events/drain.ts";
import { PerfRing } from "../../src/events/perf_ring.ts";
import { createJsonFormat } from "../../src/outputs/json_lines.ts";
import { CLOCK, type FixtureRecord } from "../../src/outputs/record_fixture.ts";
import { StdoutOutput } from "../../src/outputs/stdout.ts";
import { createTextFormat } from "../../src/outputs/text.ts";
import { frame, RingWriter } from "./ring_writer.ts";

/** What a replay makes of events: the way from the ring to the bytes of a line, in each format. */
export const REPLAYED = ["text", "json"] as const;
export type Replayed = (typeof REPLAYED)[number];

const RING_SIZE = 2 ** 20;

/** Reads a format's name. */
export function replayedOf(name: string | undefined): Replayed {
  const format = REPLAYED.find((known) => known === name);
  if (format === undefined) throw new RangeError(`Cannot replay as "${name}": it is no format`);
  return format;
}

/** Makes so many passes over the records, each of which is written to a ring and read from it at once. */
export type Replay = (passes: number) => Promise<void>;

/** Records that a ring has room for at a time; their lines go nowhere. */
export function createReplay(format: Replayed, records: readonly FixtureRecord[]): Replay {
  const batch = frame(records);
  const writer = new RingWriter(RING_SIZE);
  const output = new StdoutOutput({
    name: "nowhere",
    format: format === "json" ? createJsonFormat(CLOCK) : createTextFormat(CLOCK),
    write: (bytes) => Promise.resolve(bytes.length),
  });
  const drain = new Drain([new PerfRing(writer)], [output]);
  return async (passes) => {
    for (let pass = 0; pass < passes; pass++) {
      writer.write(batch);
      const taken = drain.run(records.length);
      if (taken !== records.length) throw new Error(`Took ${taken} events of ${records.length}`);
      output.flush();
      await output.idle();
    }
  };
}
