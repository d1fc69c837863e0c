/** Turns results and log lines of libbpf into errors that say what went wrong. @module */
import { errnoName } from "../kernel/errno.ts";

/** Something that libbpf or the kernel refused. */
export class LibbpfError extends Error {
  override readonly name = "LibbpfError";
  /** What was tried, as it follows "Cannot": `load the BPF object "agent"`. */
  readonly operation: string;
  /** `EPERM` and the like, or libbpf's own: `LIBBPF_ERRNO__FORMAT`. */
  readonly code: string;
  /** What libbpf and the verifier said meanwhile, the last lines where there were many. */
  readonly log: readonly string[];

  constructor(operation: string, failure: LibbpfFailure) {
    const code = codeName(failure.code);
    const summary = summarizeLog(failure.log) ?? failure.meaning;
    super(`Cannot ${operation}: ${code}${summary === undefined ? "" : ` (${summary})`}`);
    this.operation = operation;
    this.code = code;
    this.log = failure.log;
  }
}

/** What is known of a failure. */
export interface LibbpfFailure {
  /** An errno, or one of libbpf's own numbers from 4000 on; not negative. */
  readonly code: number;
  readonly log: readonly string[];
  /** The code in libbpf's words, shown where the log tells nothing better. */
  readonly meaning?: string;
}

/** Where libbpf's own numbers begin; below are the kernel's. */
export const LIBBPF_ERRNO_START = 4000;

/** The name of an errno or of one of libbpf's own numbers (`enum libbpf_errno`). */
export function codeName(code: number): string {
  if (code < LIBBPF_ERRNO_START) return errnoName(code);
  const name = LIBBPF_ERRNO[code - LIBBPF_ERRNO_START];
  return name === undefined ? `E${code}` : `LIBBPF_ERRNO__${name}`;
}

/**
 * One line out of libbpf's log: the verifier's last word on the program it refused, else the first
 * complaint, which is nearest to the cause; those after it only pass the failure on.
 */
export function summarizeLog(log: readonly string[]): string | undefined {
  const verdict = verifierVerdict(log);
  if (verdict === undefined) {
    const lines = log.map(withoutPrefix).filter((line) => line !== "");
    return lines.find((line) => !MEMLOCK.test(line)) ?? lines[0];
  }
  const program = log.map((line) => PROGRAM_REFUSED.exec(line)?.[1]).find((name) => name);
  return program === undefined ? verdict : `program "${program}": ${verdict}`;
}

const LIBBPF_ERRNO = [
  "LIBELF",
  "FORMAT",
  "KVERSION",
  "ENDIAN",
  "INTERNAL",
  "RELOC",
  "LOAD",
  "VERIFY",
  "PROG2BIG",
  "KVER",
  "PROGTYPE",
  "WRNGPID",
  "INVSEQ",
  "NLPARSE",
] as const;

const PROGRAM_REFUSED = /^libbpf: prog '([^']+)': (?:BPF program load failed|failed to load)/;
/** Stands after the verdict whatever it was (kernel/bpf/verifier.c, print_verification_stats). */
const STATISTICS = /^(?:processed \d+ insns|verification time|stack depth|insns processed)/;
/** Without privileges libbpf warns of this first, and then of what is really refused. */
const MEMLOCK = /^Failed to bump RLIMIT_MEMLOCK/;
const LOG_BEGIN = "-- BEGIN PROG LOAD LOG --";
const LOG_END = "-- END PROG LOAD LOG --";

/** The verifier's log ends with its verdict; only the end is sure to be there in a long log. */
function verifierVerdict(log: readonly string[]): string | undefined {
  for (let at = log.lastIndexOf(LOG_END) - 1; at >= 0; at--) {
    const line = log[at]?.trim() ?? "";
    if (line.endsWith(LOG_BEGIN)) return undefined;
    if (line !== "" && !STATISTICS.test(line)) return line;
  }
  return undefined;
}

function withoutPrefix(line: string): string {
  return line.replace(/^libbpf: /, "").trim();
}
