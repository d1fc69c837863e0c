/** The machine that is measured on, and what a wake-up costs there. @module */
import type { Loads } from "./loads.ts";
import { Recorder, type Samples } from "./samples.ts";
import { runProgram } from "./tools/running.ts";
import type { Peer } from "./tools/peers.ts";

const WAKEUP_MS = 500;

/** What the figures depend on, a line each. */
export async function describeMachine(): Promise<readonly string[]> {
  const cpuinfo = await Deno.readTextFile("/proc/cpuinfo");
  const model = /model name\s*: (.*)/.exec(cpuinfo)?.[1] ?? Deno.build.arch;
  const virtual = /^flags.*\bhypervisor\b/m.test(cpuinfo) ? ", virtual" : "";
  const memory = /MemTotal:\s*(\d+)/.exec(await Deno.readTextFile("/proc/meminfo"))?.[1] ?? "0";
  const release = await Deno.readTextFile("/etc/os-release");
  const system = /^PRETTY_NAME="(.*)"/m.exec(release)?.[1] ?? "Linux";
  const preemption = /\bPREEMPT\S*/.exec((await runProgram(["uname", "-v"])).trim())?.[0] ?? "";
  return [
    `${navigator.hardwareConcurrency} × ${model}${virtual}, ${Math.round(Number(memory) / 1e6)} GB`,
    `${system}, Linux ${Deno.osRelease()} ${preemption}`.trim(),
    `Deno ${Deno.version.deno} (V8 ${Deno.version.v8})`,
  ];
}

/** The peers, each with its version or why it was not measured. */
export function describePeers(peers: readonly Peer[]): readonly string[] {
  return peers.map(({ name, version, because }) =>
    because === undefined ? `${name} ${version}` : `**not measured: ${name}**, because ${because}`
  );
}

/** What a write to a pipe costs its writer, in µs: with a reader that sleeps, and with none. */
export async function measureWakeups(loads: Loads, rounds: number): Promise<Samples> {
  const recorder = new Recorder();
  for (let round = 0; round < rounds; round++) {
    for (const [name, readers] of [["reader asleep", 1], ["no reader", 0]] as const) {
      const { count, seconds } = await loads.run("wakeups", { readers, ms: WAKEUP_MS });
      recorder.add(name, { cost: seconds / count * 1e6 });
    }
  }
  return recorder.samples;
}
