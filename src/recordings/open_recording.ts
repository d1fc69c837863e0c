/** The output that records. @module */
import type { WallClock } from "../kernel/clock.ts";
import { kernelRelease } from "../kernel/features.ts";
import { openLibc } from "../kernel/libc.ts";
import type { RuleNames } from "../rules/rule_names.ts";
import { VERSION } from "../version.ts";
import { RecordingFiles, type RecordingTarget } from "./files.ts";
import { LAYOUT, VERSION as FORMAT } from "./format.ts";
import { RecordingOutput } from "./writer.ts";

/** An output, and the file that is to be closed after it. */
export interface OpenRecording extends Disposable {
  readonly output: RecordingOutput;
}

/** Begins a recording. Throws an AgentError where it cannot. */
export function openRecording(
  target: RecordingTarget,
  { clock, ruleNames }: { readonly clock: WallClock; readonly ruleNames: RuleNames },
): OpenRecording {
  using stack = new DisposableStack();
  const libc = stack.use(openLibc());
  const files = stack.use(new RecordingFiles(libc, target));
  const head = {
    version: FORMAT,
    layout: LAYOUT,
    agent: VERSION,
    kernel: kernelRelease(libc),
    architecture: Deno.build.arch,
  };
  const output = new RecordingOutput({ files, head, clock, ruleNames });
  const owned = stack.move();
  return { output, [Symbol.dispose]: () => owned.dispose() };
}
