/** What a machine's report and console say of its run: which checks passed, and all that is wrong. @module */
import type { Boot } from "./machine.ts";

export interface Verdict {
  /** Names of the checks that held. */
  readonly passed: readonly string[];
  /** Why the run does not count as good; nothing where it does. */
  readonly problems: readonly string[];
  /** Lines beside the results. */
  readonly remarks: readonly string[];
}

/** Judges a run by all that it left behind: silence is never good. */
export function judge({ report, console, ended }: Boot): Verdict {
  const lines = report.replaceAll("\r", "").split("\n");
  const results = lines.flatMap((line) => {
    const [, not, number, name] = /^(not )?ok (\d+) - (.*)$/.exec(line) ?? [];
    return number === undefined ? [] : [{ ok: not === undefined, number: Number(number), name }];
  });
  const failed = results.filter(({ ok }) => !ok).map(({ name }) => `failed: ${name}`);
  return {
    passed: results.filter(({ ok }) => ok).map(({ name = "" }) => name),
    problems: [
      ...(ended === undefined ? [] : [`the machine was ended: ${ended}`]),
      ...kernelProblems(console),
      ...planProblems(lines, results.map(({ number }) => number)),
      ...exitProblems(lines, failed.length),
      ...failed,
    ],
    remarks: lines.filter((line) => line.startsWith("# ")).map((line) => line.slice(2)),
  };
}

/** Whether the kernel crashed before anything of ours ran, which says nothing about it. */
export function crashedAtBoot({ report, console }: Boot): boolean {
  return !report.includes("@boot ") && SPLAT.test(console);
}

const SPLAT = /Kernel panic|Oops|BUG: |WARNING: CPU|general protection fault|rcu: INFO|hung task/;

function kernelProblems(console: string): readonly string[] {
  const line = console.split("\n").find((line) => SPLAT.test(line));
  return line === undefined ? [] : [`the kernel says: ${line.trim()}`];
}

function planProblems(lines: readonly string[], numbers: readonly number[]): readonly string[] {
  const plans = lines.flatMap((line) => /^1\.\.(\d+)$/.exec(line)?.slice(1) ?? []).map(Number);
  const [planned] = plans;
  if (planned === undefined || plans.length > 1) return [`there are ${plans.length} plans`];
  if (planned === 0) return ["nothing was planned"];
  const complete = numbers.length === planned && numbers.every((number, i) => number === i + 1);
  return complete ? [] : [`${planned} checks were planned and these ran: ${numbers.join(" ")}`];
}

/** The command's exit code tells as well, and has to say the same. */
function exitProblems(lines: readonly string[], failed: number): readonly string[] {
  if (!lines.some((line) => line.startsWith("@boot "))) return ["there is no @boot"];
  const exit = lines.flatMap((line) => /^@exit (\d+) /.exec(line)?.slice(1) ?? []).map(Number);
  const [code] = exit;
  if (code === undefined) return ["there is no @exit"];
  return (code === 0) === (failed === 0) ? [] : [`@exit ${code} with ${failed} failed checks`];
}
