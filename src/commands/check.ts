/** The command `check`: what this kernel and these privileges allow, with proof. @module */
import { examine } from "../check/examine.ts";
import { renderReport } from "../check/render.ts";
import { exitCodeOf } from "../check/report.ts";
import { print } from "../cli/print.ts";
import type { Environment } from "../cli/settings.ts";
import { readConfig } from "../read_config.ts";

/**
 * Reports on stdout what a run in this environment would find, and returns the exit code that tells
 * the verdict: 0 ok, 1 degraded, 3 cannot run. Throws a usage error where the environment or the
 * configuration file is wrong.
 */
export async function check(
  environment: Environment,
  { json }: { readonly json: boolean },
): Promise<number> {
  const report = await examine(await readConfig({}, environment));
  print(json ? `${JSON.stringify(report)}\n` : renderReport(report));
  return exitCodeOf(report.verdict);
}
