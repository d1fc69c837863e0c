/** Writes the generated files, or with --check fails where one differs from what its source gives. @module */
import { generate as generateConfigurationDoc } from "./gen_configuration_doc.ts";
import { generate as generateCoverageDoc } from "./gen_coverage_doc.ts";
import { generate as generateMetricsDoc } from "./gen_metrics_doc.ts";
import { generateLayout } from "./gen_layout.ts";
import { generate as generateRulesDoc, readPack } from "./gen_rules_doc.ts";

const root = new URL("../", import.meta.url);

const FILES: Readonly<Record<string, () => string>> = {
  "src/events/layout.gen.ts": () =>
    generateLayout(Deno.readFileSync(new URL("bpf/agent.bpf.o", root))),
  "docs/configuration.md": generateConfigurationDoc,
  "docs/metrics.md": generateMetricsDoc,
  "docs/rules.md": () =>
    generateRulesDoc(read(new URL("docs/rules.md", root)) ?? "", readPack(new URL("rules/", root))),
  "docs/coverage.md": () => generateCoverageDoc(read(new URL("docs/coverage.md", root)) ?? ""),
};

function read(path: URL): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

if (import.meta.main) {
  const check = Deno.args.includes("--check");
  const differing = Object.entries(FILES).filter(([name, generate]) => {
    const path = new URL(name, root);
    const text = generate();
    if (read(path) === text) return false;
    if (!check) Deno.writeTextFileSync(path, text);
    return true;
  });
  for (const [name] of differing) {
    const text = check ? `${name} differs from its source: run deno task gen` : `wrote ${name}`;
    Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
  }
  if (check && differing.length > 0) Deno.exit(1);
}
