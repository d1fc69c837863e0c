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

  [Symbol.dispose](): void {
    const { bpf_link__destroy: destroy } = this.#libbpf.symbols;
    // Its descriptors are closed, and with them the link, even where it reports an error.
    if (this.#lifetime.end()) destroy(this.#pointer);
  }
}
