/** The agent as one program, which scripts/build.sh compiles. @module */
import assert from "node:assert/strict";
import { checkout } from "./checkout.ts";
import { output, run } from "./process.ts";

/** Prints what sets DENORT_BIN and DENO_COMPILE_DENO, where the stub is provided beside the checkout. */
const PROVIDER = `${checkout}/../shared/ci/denort`;

/** Whether a program can be compiled here without a download of the stub. */
export function hasStub(): boolean {
  return Boolean(Deno.env.get("DENORT_BIN")) || exists(PROVIDER);
}

/** Has a checkout's build.sh compile the program, and names it. */
export async function buildProgram(root: string): Promise<string> {
  const env = { ...Deno.env.toObject(), ...await stub() };
  assert.doesNotMatch((await run([`${root}/scripts/build.sh`], { env })).stderr, /launcher/);
  return `${root}/dist/ebpf-agent`;
}

/** What EBPF_AGENT_UNDER_TEST names, or else dist/ebpf-agent, made anew where the source is newer. */
export async function compiledAgent(): Promise<string> {
  const named = Deno.env.get("EBPF_AGENT_UNDER_TEST");
  const path = named || `${checkout}/dist/ebpf-agent`;
  if (!named && (!await isElf(path) || await isOlder(path))) await buildProgram(checkout);
  if (!await isElf(path)) throw new Error(`Cannot test ${path}: it is no compiled program`);
  return path;
}

async function isOlder(path: string): Promise<boolean> {
  const parts = ["src", "bpf", "deno.json", "deno.lock", "ebpf-agent.service", "rules"].map((
    name,
  ) => `${checkout}/${name}`);
  const which = ["-type", "f", "-newer", path, "-not", "-name", "*_test.ts", "-print", "-quit"];
  return (await output(["find", ...parts, ...which])).trim() !== "";
}

/** Variables that name the stub, and the Deno of its version. */
async function stub(): Promise<Record<string, string>> {
  if (Deno.env.get("DENORT_BIN")) return {};
  const both = `eval "$("$1")"; echo "$DENORT_BIN"; echo "$DENO_COMPILE_DENO"`;
  const printed = await output(["bash", "-c", both, "bash", PROVIDER], { timeoutMs: 300_000 });
  const [denort = "", deno = ""] = printed.split("\n");
  return { DENORT_BIN: denort, DENO_COMPILE_DENO: deno };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
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
