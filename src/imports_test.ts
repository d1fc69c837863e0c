/** What builds on what: imports point one way. @module */
import assert from "node:assert/strict";

/**
 * Each takes from those before it alone: the C library and the kernel's files, libbpf, rings and
 * records, words and YAML as people write them, rules, probes, options, counters, outputs, and what is
 * made of them. Types may point any way.
 */
const ORDER = [
  "errors.ts",
  "timer.ts",
  "log.ts",
  "version.ts",
  "kernel",
  "libbpf",
  "events",
  "words",
  "documents",
  "rules",
  "probes",
  "cli",
  "sudo",
  "counters",
  "recordings",
  "outputs",
  "metrics",
  "http",
  "config_file",
  "config.ts",
  "read_config.ts",
  "reload.ts",
  "systemd.ts",
  "pipeline.ts",
  "scrapes.ts",
  "agent.ts",
  "check",
  "commands",
  "main.ts",
];
const ROOT = new URL(".", import.meta.url);

interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    /** With code where the module runs, else for types alone. */
    readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
  }[];
}

async function readModules(): Promise<ModuleGraph["modules"]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("main.ts", ROOT).href],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const graph: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  return graph.modules.filter(({ specifier }) => specifier.startsWith(ROOT.href));
}

/** The folder that a module of src/ lies in, or the module itself. */
function partOf(specifier: string): string {
  return specifier.slice(ROOT.href.length).split("/")[0];
}

Deno.test("imports point one way: a folder takes from those that stand before it", async () => {
  const modules = await readModules();
  assert.deepEqual(new Set(modules.map(({ specifier }) => partOf(specifier))), new Set(ORDER));
  const wrong = modules.flatMap(({ specifier, dependencies = [] }) =>
    dependencies.flatMap(({ code }) => code?.specifier ?? [])
      .filter((taken) => taken.startsWith(ROOT.href))
      .filter((taken) => ORDER.indexOf(partOf(taken)) > ORDER.indexOf(partOf(specifier)))
      .map((taken) => `${specifier} takes from ${taken}`)
  );
  assert.deepEqual(wrong, []);
});
