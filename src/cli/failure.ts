/** What to say about an error, and the exit code it ends in. @module */
import { AgentError, EXIT, type FailureCode } from "../errors.ts";
import { escapeControls } from "../log.ts";

export interface Failure {
  readonly exitCode: FailureCode;
  readonly message: string;
  /** What lies beneath, where it says more than the message; nearest first, one line each. */
  readonly causes: readonly string[];
  /** What to do where that is alike whatever was under way, and about a fault of the agent's own. */
  readonly hint: string | undefined;
  /** Where it happened; only where debugging was asked for. */
  readonly stack: string | undefined;
}

/** Describes whatever was thrown. */
export function describeFailure(error: unknown, debug: boolean): Failure {
  const expected = error instanceof AgentError;
  const message = expected ? error.message : String(error);
  const causes = causesOf(error, message);
  return {
    exitCode: expected ? error.exitCode : EXIT.failed,
    message,
    causes,
    hint: hintFor([message, ...causes], expected, debug),
    stack: debug ? Deno.inspect(error, { colors: false }) : undefined,
  };
}

/**
 * The failure as lines for stderr. All but the first are indented, so that none of them looks like
 * an error of its own, and what a terminal would act on is escaped.
 */
export function failureLines(failure: Failure): readonly string[] {
  const [first = "", ...more] = failure.message.split("\n");
  const below = [
    ...more,
    ...failure.causes.map((cause) => `cause: ${cause}`),
    ...(failure.hint === undefined ? [] : [failure.hint]),
    ...(failure.stack?.split("\n") ?? []),
  ];
  return [`ebpf-agent: ${first}`, ...below.map((line) => `  ${line}`)].map(escapeControls);
}

const REPORT_HINT = "This is a fault in ebpf-agent itself, worth a bug report";
const FILES_HINT =
  "Let this process have more open files (ulimit -n, or LimitNOFILE= of its service)";
/** As errno's name, and as Deno's own functions tell it. */
const TOO_MANY_FILES = /\bEMFILE\b|os error 24\b/;
const STACK_HINT = "EBPF_AGENT_LOG_LEVEL=debug shows where it happened";
const MOST_CAUSES = 5;
const LONGEST_CAUSE = 200;

function hintFor(texts: readonly string[], expected: boolean, debug: boolean): string | undefined {
  if (texts.some((text) => TOO_MANY_FILES.test(text))) return FILES_HINT;
  if (expected) return undefined;
  return debug ? REPORT_HINT : `${REPORT_HINT}; ${STACK_HINT}`;
}

function causesOf(error: unknown, message: string): readonly string[] {
  const said = [message];
  let cause = causeOf(error);
  // Bounded, for causes may go round in a circle.
  for (let depth = 0; cause !== undefined && depth < MOST_CAUSES; depth++, cause = causeOf(cause)) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const [line = ""] = text.split("\n");
    if (!said.some((earlier) => earlier.includes(line))) said.push(line.slice(0, LONGEST_CAUSE));
  }
  return said.slice(1);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
