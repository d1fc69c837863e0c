/** Attaches programs, and keeps what they are attached by. @module */
import { attachKprobe, attachTrace, attachTracepoint, type Link } from "../libbpf/attach.ts";
import type { BpfObject } from "../libbpf/object.ts";
import type { ProbeProgram } from "./catalogue.ts";

/** Where each program is attached, and what the kernel says of it. Disposing it detaches all. */
export class Links implements Disposable {
  readonly #links = new Map<string, Link[]>();
  /** Asked for the last time before they were gone. */
  readonly #missedAtEnd = new Map<string, number>();

  /** Attaches a program wherever its specification says. Throws a LibbpfError. */
  attach(object: BpfObject, { name, by, at }: ProbeProgram): void {
    const program = object.program(name);
    switch (by) {
      case "section":
      case "function":
        this.#add(name, attachTrace(program));
        break;
      case "tracepoint":
        for (const tracepoint of at) {
          const [category, event] = tracepoint.split(":");
          this.#add(name, attachTracepoint(program, category, event));
        }
        break;
      case "kprobe":
      case "kretprobe":
        for (const called of at) {
          this.#add(name, attachKprobe(program, called, by === "kretprobe"));
        }
    }
  }

  has(program: string): boolean {
    return this.#links.has(program);
  }

  /** Times that the kernel did not call a program at its kprobes. */
  missed(program: string): number {
    const links = this.#links.get(program) ?? [];
    return this.#missedAtEnd.get(program) ??
      links.reduce((sum, link) => sum + (link.missed() ?? 0), 0);
  }

  [Symbol.dispose](): void {
    for (const [program, links] of this.#links) {
      this.#missedAtEnd.set(program, this.missed(program));
      for (const link of links) link[Symbol.dispose]();
    }
  }

  #add(program: string, link: Link): void {
    this.#links.set(program, [...(this.#links.get(program) ?? []), link]);
  }
}
