/** Writes what a command was asked for to stdout. @module */
import { failedError } from "../errors.ts";

/** Writes all of a text; throws an AgentError where it cannot. */
export function print(text: string): void {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
  } catch (error) {
    // A reader that has seen enough (`| head`) is no failure.
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw failedError(
      `Cannot write to stdout: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}
