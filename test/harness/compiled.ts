/** The agent as one program, which scripts/build.sh compiles. @module */
import { checkout } from "./checkout.ts";
import { output } from "./process.ts";

/**
 * What EBPF_AGENT_UNDER_TEST names, or else dist/ebpf-agent; throws where there is none, or a
 * launcher, or one of an older source.
 */
export async function compiledAgent(): Promise<string> {
  const named = Deno.env.get("EBPF_AGENT_UNDER_TEST");
  const path = named || `${checkout}/dist/ebpf-agent`;
  if (!await isElf(path)) {
    throw new Error(`Cannot test ${path}: it is no compiled program. ${MAKE}`);
  }
  const newer = named ? "" : await sourcesNewerThan(path);
  if (newer !== "") throw new Error(`Cannot test ${path}: it is older than ${newer}. ${MAKE}`);
  return path;
}

const MAKE = "Make one with scripts/build.sh";

async function sourcesNewerThan(path: string): Promise<string> {
  const parts = ["src", "bpf", "deno.json", "ebpf-agent.service"].map((name) =>
    `${checkout}/${name}`
  );
  const which = ["-type", "f", "-newer", path, "-not", "-name", "*_test.ts", "-print", "-quit"];
  return (await output(["find", ...parts, ...which])).trim();
}

async function isElf(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    const start = new Uint8Array(4);
    await file.read(start);
    return new TextDecoder().decode(start) === "\x7fELF";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
