/** The outputs that a configuration asks for. @module */
import type { Config } from "../config.ts";
import type { WallClock } from "../kernel/clock.ts";
import { openStdoutWriter } from "./fd_writer.ts";
import { createJsonFormat, type JsonContext } from "./json_lines.ts";
import type { Output } from "./output.ts";
import { StdoutOutput } from "./stdout.ts";
import { createTextFormat } from "./text.ts";

/** Outputs, and what is to be disposed once they are closed. */
export interface Outputs extends Disposable {
  readonly list: readonly Output[];
}

/** Opens them; none where the configuration asks for counters only. Throws an AgentError. */
export async function openOutputs(
  config: Config,
  clock: WallClock,
  context: JsonContext,
): Promise<Outputs> {
  using stack = new DisposableStack();
  const list: Output[] = [];
  if (config.output !== "none") {
    const writer = stack.use(openStdoutWriter());
    list.push(
      new StdoutOutput({
        name: "stdout",
        format: config.output === "json"
          ? createJsonFormat(clock, context)
          : createTextFormat(clock, context.rules),
        write: (bytes) => writer.write(bytes),
        isRead: () => writer.isRead(),
        abandon: () => writer[Symbol.dispose](),
      }),
    );
  }
  if (config.recording !== undefined) {
    const { openRecording } = await import("../recordings/open_recording.ts");
    const ruleNames = context.rules;
    list.push(stack.use(openRecording(config.recording, { clock, ruleNames })).output);
  }
  const owned = stack.move();
  return { list, [Symbol.dispose]: () => owned.dispose() };
}
