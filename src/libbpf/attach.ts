/** Attaches programs to the kernel: one function a way of attaching. @module */
import { cString } from "../kernel/libc.ts";
import type { Libbpf } from "./library.ts";
import { Lifetime } from "./lifetime.ts";
import type { BpfProgram } from "./program.ts";
import type { BpfLinkPointer } from "./symbols.ts";

/** Attaches to what the program's section names: `tp_btf/…`, `raw_tp/…`, `fentry/…` and so on. */
export function attachTrace(program: BpfProgram): Link {
  const pointer = program.libbpf.attemptPointer(
    `attach the BPF program "${program.name}"`,
    (symbols) => symbols.bpf_program__attach(program.pointer),
  );
  return new Link(program.libbpf, pointer);
}

/** Attaches to a classic tracepoint, as they stand in tracefs: `syscalls`, `sys_enter_openat`. */
export function attachTracepoint(program: BpfProgram, category: string, name: string): Link {
  const pointer = program.libbpf.attemptPointer(
    `attach the BPF program "${program.name}" to the tracepoint ${category}/${name}`,
    (symbols) =>
      symbols.bpf_program__attach_tracepoint(program.pointer, cString(category), cString(name)),
  );
  return new Link(program.libbpf, pointer);
}

/** Attaches to the entry of a kernel function, or to its return. */
export function attachKprobe(program: BpfProgram, target: string, atReturn: boolean): Link {
  const pointer = program.libbpf.attemptPointer(
    `attach the BPF program "${program.name}" to the ${atReturn ? "return" : "entry"} of ${target}`,
    (symbols) => symbols.bpf_program__attach_kprobe(program.pointer, atReturn, cString(target)),
  );
  return new Link(program.libbpf, pointer);
}

/** A program attached to a hook, for as long as this is not disposed. */
export class Link implements Disposable {
  readonly #libbpf: Libbpf;
  readonly #pointer: BpfLinkPointer;
  readonly #lifetime = new Lifetime("the BPF link");

  /** Called by the functions that attach; takes the link over. */
  constructor(libbpf: Libbpf, pointer: BpfLinkPointer) {
    this.#libbpf = libbpf;
    this.#pointer = pointer;
  }

  /**
   * Times that the kernel did not call the program at a kprobe, as when too many calls were under
   * way for a kretprobe; undefined for other hooks, and before Linux 6.7.
   */
  missed(): number | undefined {
    this.#lifetime.check();
    const { bpf_link__fd: fdOf, bpf_obj_get_info_by_fd: read } = this.#libbpf.symbols;
    const info = new Uint8Array(KPROBE_INFO.size);
    const size = Uint32Array.of(KPROBE_INFO.size);
    // A link of an older kernel is no more than a perf event, of which nothing can be asked.
    if (read(fdOf(this.#pointer), info, size) < 0 || size[0] < KPROBE_INFO.size) return undefined;
    const fields = new DataView(info.buffer);
    const isKprobe = fields.getUint32(KPROBE_INFO.linkType, true) === BPF_LINK_TYPE_PERF_EVENT &&
      KPROBE_TYPES.includes(fields.getUint32(KPROBE_INFO.eventType, true));
    return isKprobe ? Number(fields.getBigUint64(KPROBE_INFO.missed, true)) : undefined;
  }

  [Symbol.dispose](): void {
    const { bpf_link__destroy: destroy } = this.#libbpf.symbols;
    // Its descriptors are closed, and with them the link, even where it reports an error.
    if (this.#lifetime.end()) destroy(this.#pointer);
  }
}

/** Offsets in `struct bpf_link_info` (linux/bpf.h of 6.7), for links of kprobes. */
const KPROBE_INFO = { linkType: 0, eventType: 16, missed: 48, size: 56 } as const;
const BPF_LINK_TYPE_PERF_EVENT = 7;
/** BPF_PERF_EVENT_KPROBE and BPF_PERF_EVENT_KRETPROBE. */
const KPROBE_TYPES: readonly number[] = [3, 4];
