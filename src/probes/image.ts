/** Reads the BPF object that was made for this machine. @module */
import { failedError } from "../errors.ts";

/** How BPF objects end by architecture, as scripts/build_bpf.sh names them. */
const ENDINGS = { x86_64: "bpf.o", aarch64: "arm64.bpf.o" } as const;

/**
 * The object's bytes: of the one that reads the kernel's memory by casts, which are to be had from
 * Linux 6.2 on, or of the other. Throws an AgentError where it cannot be read.
 */
export function readImage(casts: boolean): Uint8Array {
  const name = `${casts ? "agent.cast" : "agent"}.${ENDINGS[Deno.build.arch]}`;
  const path = new URL(`../../bpf/${name}`, import.meta.url);
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw failedError(
      `Cannot read the BPF object ${path.pathname}. Install the agent again`,
      error,
    );
  }
}
