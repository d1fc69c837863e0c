/** Turns arguments into a command and errors into exit codes; alone calls `Deno.exit`. @module */
import { describeFailure, failureLines } from "./cli/failure.ts";
import { type Flags, type Invocation, parseCommandLine } from "./cli/flags.ts";
import { helpText } from "./cli/help.ts";
import { environmentName } from "./cli/options.ts";
import type { Environment } from "./cli/settings.ts";
import { versionText } from "./commands/version.ts";
import { loadConfig } from "./config.ts";
import { EXIT, failedError } from "./errors.ts";
import { createLog, writeToStderr } from "./log.ts";

/** How to report a failure; known before the configuration is, and where it is wrong. */
interface Reporting {
  readonly debug: boolean;
  readonly json: boolean;
}

async function main(args: readonly string[], environment: Environment): Promise<number> {
  let reporting = reportingOf({}, environment);
  const end = (reason: unknown) => Deno.exit(report(reason, reporting));
  globalThis.addEventListener("error", ({ error }) => end(error));
  globalThis.addEventListener("unhandledrejection", ({ reason }) => end(reason));
  try {
    const invocation = parseCommandLine(args);
    if (invocation.command === "run") reporting = reportingOf(invocation.flags, environment);
    return await carryOut(invocation, environment);
  } catch (error) {
    return report(error, reporting);
  }
}

/** Carries out a command to its exit code. Only those that need the kernel load what reaches it. */
async function carryOut(invocation: Invocation, environment: Environment): Promise<number> {
  switch (invocation.command) {
    case "help":
      print(helpText(invocation.about));
      return EXIT.done;
    case "version":
      print(versionText());
      return EXIT.done;
    case "check": {
      const { check } = await import("./commands/check.ts");
      return await check({ json: invocation.json });
    }
    case "run": {
      const config = loadConfig(invocation.flags, environment);
      const { run } = await import("./commands/run.ts");
      await run(config);
      return EXIT.done;
    }
  }
}

function reportingOf(flags: Flags, environment: Environment): Reporting {
  const given = (name: "log.level" | "log.format") =>
    flags[name]?.[0] ?? environment[environmentName(name)];
  return { debug: given("log.level") === "debug", json: given("log.format") === "json" };
}

function report(error: unknown, { debug, json }: Reporting): number {
  const failure = describeFailure(error, debug);
  if (json) {
    const { message, causes, hint, stack, exitCode } = failure;
    createLog({ level: "error", format: "json" }).error(message, {
      ...(causes.length > 0 && { causes: causes.join("; ") }),
      ...(hint !== undefined && { hint }),
      ...(stack !== undefined && { stack }),
      exit_code: exitCode,
    });
  } else {
    for (const line of failureLines(failure)) writeToStderr(line);
  }
  return failure.exitCode;
}

function print(text: string): void {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
  } catch (error) {
    // A reader that has seen enough (`| head`) is no failure.
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw failedError(
      `Cannot write to stdout: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args, Deno.env.toObject()));
