/** What was thrown, split into what is the matter and what to do about it. @module */
import { AgentError } from "../errors.ts";
import { KernelFileError } from "../kernel/read_file.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import { HelperError } from "./helper.ts";

export interface Sentence {
  readonly found: string;
  readonly remedy: string | null;
}

/** A value, or why there is none. */
export type Result<T> = { readonly value: T } | { readonly failure: Sentence };

/** Calls it, and takes whatever it throws for an answer: a check ends with a report, come what may. */
export function attempt<T>(action: () => T): Result<T> {
  try {
    return { value: action() };
  } catch (error) {
    return { failure: sentenceOf(error) };
  }
}

/** As {@link attempt}, for what takes its time. */
export async function attemptLater<T>(action: () => Promise<T>): Promise<Result<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    return { failure: sentenceOf(error) };
  }
}

/** A failure for which nothing was thrown, because it follows from another. */
export function failure(found: string): { readonly failure: Sentence } {
  return { failure: { found, remedy: null } };
}

/** Errors that say all that there is to say, and are nobody's fault. */
const EXPECTED = [LibbpfError, HelperError, KernelFileError] as const;

/** The agent's errors end with their remedy, in a sentence of its own. */
export function sentenceOf(error: unknown): Sentence {
  if (error instanceof AgentError) {
    const parts = /^(.*)\. ([A-Z].*)$/s.exec(error.message);
    return parts === null
      ? { found: error.message, remedy: null }
      : { found: parts[1], remedy: parts[2] };
  }
  if (EXPECTED.some((kind) => error instanceof kind)) {
    return { found: (error as Error).message, remedy: null };
  }
  return { found: String(error), remedy: "This is a fault in ebpf-agent, worth a bug report" };
}
