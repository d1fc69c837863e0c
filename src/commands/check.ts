/** The command `check`: what this kernel and these privileges allow, with proof. @module */
import { examine } from "../check/examine.ts";
import { renderReport } from "../check/render.ts";
import { exitCodeOf } from "../check/report.ts";
import { print } from "../cli/print.ts";
import { loadConfig } from "../config.ts";

/**
 * Reports on stdout what a run in this environment would find, and returns the exit code that tells
 * the verdict: 0 ok, 1 degraded, 3 cannot run. Throws a usage error where the environment is wrong.
 */
export async function check({ json }: { readonly json: boolean }): Promise<number> {
  const report = await examine(loadConfig({}, Deno.env.toObject()));
  print(json ? `${JSON.stringify(report)}\n` : renderReport(report));
  return exitCodeOf(report.verdict);
}
