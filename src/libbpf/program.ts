/** A loaded BPF program: what the kernel accounts for it, and running it by hand. @module */
import type { Libbpf } from "./library.ts";
import type { Lifetime } from "./lifetime.ts";
import { structureWith } from "./structure.ts";
import type { BpfProgramPointer } from "./symbols.ts";

/** What the kernel accounts for a program (`struct bpf_prog_info`). */
export interface ProgramInfo {
  /** Times it was not run (`recursion_misses`); undefined where the kernel is older than 5.12. */
  readonly missed: number | undefined;
  /** Times it ran; only while the kernel's statistics are on. */
  readonly runs: number;
  /** Time it took in all, in seconds; only while the kernel's statistics are on. */
  readonly runSeconds: number;
  /** Instructions the verifier went through; undefined where the kernel is older than 5.16. */
  readonly verifiedInstructions: number | undefined;
}

/** What a program is made from. */
export interface BpfProgramParts {
  readonly name: string;
  readonly fd: number;
  readonly pointer: BpfProgramPointer;
  /** That of the object it belongs to. */
  readonly lifetime: Lifetime;
}

/** A program of a loaded object; usable until that is disposed. */
export class BpfProgram {
  readonly name: string;
  readonly libbpf: Libbpf;
  readonly #parts: BpfProgramParts;
  readonly #info = new Uint8Array(INFO.size);
  readonly #infoSize = new Uint32Array(1);

  /** Called by `BpfObject.program()`. */
  constructor(libbpf: Libbpf, parts: BpfProgramParts) {
    this.name = parts.name;
    this.libbpf = libbpf;
    this.#parts = parts;
  }

  /** libbpf's handle, to be passed on in place and not to be kept. */
  get pointer(): BpfProgramPointer {
    this.#parts.lifetime.check();
    return this.#parts.pointer;
  }

  get fd(): number {
    this.#parts.lifetime.check();
    return this.#parts.fd;
  }

  /** What the kernel accounts for the program now. */
  info(): ProgramInfo {
    // What the kernel fills in it reads as well: sizes left from the last time would be taken for
    // room to write to.
    this.#info.fill(0);
    this.#infoSize[0] = INFO.size;
    const { fd } = this;
    const result = this.libbpf.symbols.bpf_obj_get_info_by_fd(fd, this.#info, this.#infoSize);
    if (result < 0) {
      throw this.libbpf.failure(`read the counters of the BPF program "${this.name}"`, result);
    }
    return decodeProgramInfo(this.#info, this.#infoSize[0] ?? 0);
  }

  /**
   * Has the kernel run the program once on this CPU, given the arguments of a raw tracepoint as
   * 64-bit words (at least as many as the program reads), and returns its result.
   */
  testRun(context: Uint8Array): number {
    const { bytes, fields, dataAddress } = structureWith(TEST_RUN.size, context);
    fields.setBigUint64(TEST_RUN.sz, BigInt(TEST_RUN.size), true);
    fields.setBigUint64(TEST_RUN.contextIn, dataAddress, true);
    fields.setUint32(TEST_RUN.contextSizeIn, context.byteLength, true);
    const { fd } = this;
    this.libbpf.attempt(
      `run the BPF program "${this.name}" with ${context.byteLength} bytes of arguments`,
      (symbols) => symbols.bpf_prog_test_run_opts(fd, bytes),
    );
    return fields.getInt32(TEST_RUN.returnValue, true);
  }
}

/** Decodes a `struct bpf_prog_info` of which the kernel filled in the first `size` bytes. */
export function decodeProgramInfo(bytes: Uint8Array, size: number): ProgramInfo {
  const fields = new DataView(bytes.buffer, bytes.byteOffset, Math.min(size, bytes.byteLength));
  const has = (offset: number, length: number) => offset + length <= fields.byteLength;
  // A count takes 285 years at a million a second to pass 2^53; nanoseconds take 104 days, and are
  // off by less than a microsecond for centuries.
  const read64 = (offset: number) => Number(fields.getBigUint64(offset, true));
  return {
    missed: has(INFO.recursionMisses, 8) ? read64(INFO.recursionMisses) : undefined,
    runs: read64(INFO.runCount),
    runSeconds: read64(INFO.runTimeNs) / 1e9,
    verifiedInstructions: has(INFO.verifiedInstructions, 4)
      ? fields.getUint32(INFO.verifiedInstructions, true)
      : undefined,
  };
}

/** Offsets in `struct bpf_prog_info` (linux/bpf.h). */
export const INFO = {
  runTimeNs: 192,
  runCount: 200,
  recursionMisses: 208,
  verifiedInstructions: 216,
  size: 224,
} as const;

/** Offsets in `struct bpf_test_run_opts` (bpf/bpf.h). */
export const TEST_RUN = {
  sz: 0,
  contextIn: 32,
  contextSizeIn: 48,
  returnValue: 56,
  size: 80,
} as const;
