/** How long the agent takes to be ready, and how large it is. @module */
import { Recorder, type Samples } from "../samples.ts";
import type { AgentWay, Bench, Section } from "../section.ts";
import { column, sampleTable } from "../table.ts";
import { agentTool } from "../tools/agent.ts";

export const startup: Section = {
  name: "startup",
  title: "Start to ready, and size",
  byDefault: true,
  run,
  render,
  targets: () => [],
};

async function run(bench: Bench): Promise<Samples> {
  const recorder = new Recorder();
  const { ways } = bench.agent;
  for (let round = 1; round <= bench.rounds; round++) {
    for (const way of ways) {
      const tool = agentTool(way.name, way.command);
      const start = performance.now();
      await using _running = await tool.start("/dev/null");
      recorder.add(tool.name, { ready: performance.now() - start, size: await sizeOf(way) });
    }
  }
  return recorder.samples;
}

/** What has to be there to run it: one file, or Deno with the source and the BPF object. */
async function sizeOf({ command: [program = ""], name }: AgentWay): Promise<number> {
  let bytes = (await Deno.stat(program)).size;
  if (name === "from source") {
    for (const folder of ["src", "bpf"]) {
      bytes += await sizeOfFolder(new URL(`../../${folder}/`, import.meta.url));
    }
  }
  return bytes / 1e6;
}

async function sizeOfFolder(folder: URL): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) bytes += await sizeOfFolder(new URL(`${name}/`, folder));
    else bytes += (await Deno.stat(new URL(name, folder))).size;
  }
  return bytes;
}

function render(samples: Samples): string {
  return "From starting the program to the first good answer of `/readyz`, with every probe attached; and what has to " +
    "be there on disk, Deno included.\n\n" +
    sampleTable(samples, [column("ready after, ms", "ready", 0), column("size, MB", "size", 1)]);
}
