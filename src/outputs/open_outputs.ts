/** The outputs that a configuration asks for. @module */
import type { Config } from "../config.ts";
import type { WallClock } from "../kernel/clock.ts";
import { openStdoutWriter } from "./fd_writer.ts";
import { createJsonFormat } from "./json_lines.ts";
import type { Output } from "./output.ts";
import { StdoutOutput } from "./stdout.ts";
import { createTextFormat } from "./text.ts";

/** Outputs, and what is to be disposed once they are closed. */
export interface Outputs extends Disposable {
  readonly list: readonly Output[];
}

/** Opens them; none where the configuration asks for counters only. */
export function openOutputs(config: Config, clock: WallClock): Outputs {
  if (config.output === "none") return { list: [], [Symbol.dispose]: () => {} };
  const writer = openStdoutWriter();
  const format = config.output === "json" ? createJsonFormat(clock) : createTextFormat(clock);
  return {
    list: [
      new StdoutOutput({
        name: "stdout",
        format,
        write: (bytes) => writer.write(bytes),
        abandon: () => writer[Symbol.dispose](),
      }),
    ],
    [Symbol.dispose]: () => writer[Symbol.dispose](),
  };
}
