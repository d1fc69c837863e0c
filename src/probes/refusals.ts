/** What the kernel refuses: a hook, for which there may be another one, or all. @module */
import { failedError, unsupportedError } from "../errors.ts";
import { EVENT_KINDS, type EventKind, type PerKind } from "../events/kinds.ts";
import { BpfRingRefused, type PerfBufferRefused } from "../events/rings.ts";
import type { LibbpfError } from "../libbpf/errors.ts";
import type { Choice, Refusal } from "./attach_plan.ts";
import type { HookName } from "./catalogue.ts";

/** A hook of the plan that cannot be had. */
export class HookRefused extends Error {
  readonly #refusal: Refusal;
  readonly #forbidden: boolean;

  constructor(refusal: Refusal, cause: LibbpfError, forbidden: boolean) {
    super(refusal.because, { cause });
    this.#refusal = refusal;
    this.#forbidden = forbidden;
  }

  /** Where it is forbidden as such, the other kinds of event need not try either. */
  refusals(): readonly Refusal[] {
    if (!this.#forbidden) return [this.#refusal];
    const { hook, because } = this.#refusal;
    const alike = TRAMPOLINES.includes(hook) ? TRAMPOLINES : [hook];
    return EVENT_KINDS.flatMap((event) => alike.map((hook) => ({ event, hook, because })));
  }
}

/** Without EACCES, which the verifier says to one program that it does not accept. */
const FORBIDDEN_TO_LOAD: readonly string[] = ["EPERM", "ENOTSUPP", "EOPNOTSUPP"];
const FORBIDDEN_TO_ATTACH: readonly string[] = [...FORBIDDEN_TO_LOAD, "EACCES"];
/** Ways of attaching that the kernel allows together or not at all. */
const TRAMPOLINES: readonly HookName[] = ["fentry", "fexit"];

/** Another hook would be refused likewise. */
const TOO_MANY_FILES = "EMFILE";
/** ENOMEM: also over a control group's limit. */
const RING_TOO_LARGE: readonly string[] = ["ENOMEM", "EINVAL"];

/**
 * What to throw where the object cannot be loaded: a HookRefused where that is for one program, a
 * BpfRingRefused where it is for the size of the ring.
 */
export function refusedAtLoad(plan: PerKind<Choice>, error: LibbpfError): Error {
  if (refusedMap(error) === "ring" && RING_TOO_LARGE.includes(error.code)) {
    return new BpfRingRefused(error.message, { cause: error });
  }
  if (NO_CODE.test(error.message)) {
    return failedError(
      `${error.message}. The BPF object is damaged: install the agent again`,
      error,
    );
  }
  if (error.code === TOO_MANY_FILES) return failedError(error.message, error);
  const program = refusedProgram(error);
  const event = EVENT_KINDS.find((event) => {
    const choice = plan[event];
    return choice.state === "chosen" && choice.programs.some(({ name }) => name === program);
  });
  if (event === undefined) return loadRefused(error);
  return hookRefused(event, plan[event], error, FORBIDDEN_TO_LOAD);
}

/** What to throw where a program of a choice cannot be attached. */
export function refusedAtAttach(event: EventKind, choice: Choice, error: LibbpfError): Error {
  if (error.code === TOO_MANY_FILES) return failedError(error.message, error);
  return hookRefused(event, choice, error, FORBIDDEN_TO_ATTACH);
}

/** No kind of event has a hook that can be had. */
export function nothingAttached(plan: PerKind<Choice>): Error {
  const reasons = EVENT_KINDS.map((event) => {
    const choice = plan[event];
    return choice.state === "missing" ? `${event}: ${choice.because}` : "";
  });
  return unsupportedError(
    `Cannot attach anything: ${reasons.join("; ")}. Run as root, or with CAP_BPF and CAP_PERFMON`,
  );
}

/** The user asked for a perf buffer. */
export function perfBufferRefused(error: PerfBufferRefused): Error {
  return unsupportedError(
    `${error.message}. Use --transport=ring, or run as root or with CAP_SYS_ADMIN`,
    error,
  );
}

function hookRefused(
  event: EventKind,
  choice: Choice,
  error: LibbpfError,
  forbidden: readonly string[],
): Error {
  if (choice.state === "missing") return error;
  const refusal = { event, hook: choice.hook, because: error.message };
  return new HookRefused(refusal, error, forbidden.includes(error.code));
}

/** The program that the kernel refused, by libbpf's own words. */
function refusedProgram(error: LibbpfError): string | undefined {
  return error.log.map((line) => /prog '([^']+)': .*failed/.exec(line)?.[1]).find((name) => name);
}

/** The map that the kernel refused, by libbpf's own words. */
function refusedMap(error: LibbpfError): string | undefined {
  return error.log.map((line) => /map '([^']+)': failed to create/.exec(line)?.[1])
    .find((name) => name);
}

function loadRefused(error: LibbpfError): Error {
  if (error.code === "EPERM") {
    return unsupportedError(
      `${error.message}. Run as root, or with CAP_BPF and CAP_PERFMON, outside lockdown`,
      error,
    );
  }
  if (CANNOT_READ.test(error.message)) {
    return unsupportedError(
      `${error.message}. This kernel lets no BPF program read its memory, as under ` +
        "lockdown=confidentiality: boot with lockdown=integrity or less",
      error,
    );
  }
  return failedError(error.message, error);
}

/** The verifier's words on what no compiler makes. */
const NO_CODE = /unknown opcode|uses reserved fields|invalid BPF_LD_IMM|invalid bpf_ld_imm64/;

/** The verifier's word on the helper that every program needs. */
const CANNOT_READ = /(unknown func|cannot use helper) bpf_probe_read/;
