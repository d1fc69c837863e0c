/** Reads the BPF object that was made for this machine's architecture. @module */
import { failedError } from "../errors.ts";

/** BPF objects by architecture, as scripts/build_bpf.sh makes them. */
const OBJECTS = { x86_64: "agent.bpf.o", aarch64: "agent.arm64.bpf.o" } as const;

/** The object's bytes; throws an AgentError where it cannot be read. */
export function readImage(): Uint8Array {
  const path = new URL(`../../bpf/${OBJECTS[Deno.build.arch]}`, import.meta.url);
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw failedError(
      `Cannot read the BPF object ${path.pathname}. Install the agent again`,
      error,
    );
  }
}
