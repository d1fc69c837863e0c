/** The errors a user can meet, each with the exit code it ends in. @module */

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, unsupported: 3 } as const;

/** An exit code that says what kind of thing went wrong. */
export type FailureCode = Exclude<(typeof EXIT)[keyof typeof EXIT], 0>;

/**
 * An error whose message is written for the user: action, subject, colon, reason, remedy.
 * Whatever else reaches `main` is a fault of the agent's own.
 */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly exitCode: FailureCode;

  constructor(message: string, exitCode: FailureCode, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Something did not work that should have: a port in use, a damaged object. */
export function failedError(message: string, cause?: unknown): AgentError {
  return new AgentError(message, EXIT.failed, causedBy(cause));
}

/** The command line or the configuration is wrong. */
export function usageError(message: string, cause?: unknown): AgentError {
  return new AgentError(message, EXIT.usage, causedBy(cause));
}

/** This kernel, this machine or these privileges do not allow it. */
export function unsupportedError(message: string, cause?: unknown): AgentError {
  return new AgentError(message, EXIT.unsupported, causedBy(cause));
}

function causedBy(cause: unknown): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause };
}
