/** Turns arguments into a command and errors into exit codes; alone calls `Deno.exit`. @module */
import { describeFailure, failureLines } from "./cli/failure.ts";
import { type Flags, type Invocation, parseCommandLine } from "./cli/flags.ts";
import { helpText } from "./cli/help.ts";
import { environmentName } from "./cli/options.ts";
import { print } from "./cli/print.ts";
import type { Environment } from "./cli/settings.ts";
import { versionText } from "./commands/version.ts";
import type { Config } from "./config.ts";
import { EXIT } from "./errors.ts";
import { createLog, type LogLayout, writeToStderr } from "./log.ts";
import { logLayout } from "./systemd.ts";

/** How to report a failure; known before the configuration is, and where it is wrong. */
interface Reporting {
  readonly debug: boolean;
  readonly layout: LogLayout;
}

async function main(args: readonly string[], environment: Environment): Promise<number> {
  let reporting = reportingOf({}, environment);
  const end = (reason: unknown) => Deno.exit(report(reason, reporting));
  globalThis.addEventListener("error", ({ error }) => end(error));
  globalThis.addEventListener("unhandledrejection", ({ reason }) => end(reason));
  try {
    const invocation = parseCommandLine(args);
    if ("flags" in invocation) reporting = reportingOf(invocation.flags, environment);
    const onConfig = (config: Config) => reporting = reportingBy(config, environment);
    return await carryOut(invocation, environment, onConfig);
  } catch (error) {
    return report(error, reporting);
  }
}

/** Carries out a command to its exit code. Only those that need the kernel load what reaches it. */
async function carryOut(
  invocation: Invocation,
  environment: Environment,
  onConfig: (config: Config) => void,
): Promise<number> {
  switch (invocation.command) {
    case "help":
      print(helpText(invocation.about));
      return EXIT.done;
    case "version":
      print(versionText());
      return EXIT.done;
    case "print": {
      const { printable } = await import("./commands/print.ts");
      print(printable(invocation.what));
      return EXIT.done;
    }
    case "check": {
      const { json, configFile } = invocation;
      if (configFile !== undefined) {
        const { checkConfig } = await import("./commands/check_config.ts");
        return await checkConfig(configFile, { json });
      }
      const { check } = await import("./commands/check.ts");
      return await check(environment, { json });
    }
    case "test": {
      const { test } = await import("./commands/test.ts");
      return test(invocation);
    }
    case "record": {
      const { record } = await import("./commands/record.ts");
      await record(invocation, environment, onConfig);
      return EXIT.done;
    }
    case "run": {
      const { readConfig } = await import("./read_config.ts");
      const read = () => readConfig(invocation.flags, environment);
      const config = await read();
      onConfig(config);
      const { run } = await import("./commands/run.ts");
      await run(config, read);
      return EXIT.done;
    }
  }
}

function reportingOf(flags: Flags, environment: Environment): Reporting {
  const given = (name: "log.level" | "log.format") =>
    flags[name]?.[0] ?? environment[environmentName(name)];
  const format = given("log.format") === "json" ? "json" : "text";
  return { debug: given("log.level") === "debug", layout: logLayout(format, environment) };
}

function reportingBy({ log }: Config, environment: Environment): Reporting {
  return { debug: log.level === "debug", layout: logLayout(log.format, environment) };
}

function report(error: unknown, { debug, layout }: Reporting): number {
  const failure = describeFailure(error, debug);
  if (layout === "json") {
    const { message, causes, hint, stack, exitCode } = failure;
    createLog({ level: "error", format: layout }).error(message, {
      ...(causes.length > 0 && { causes: causes.join("; ") }),
      ...(hint !== undefined && { hint }),
      ...(stack !== undefined && { stack }),
      exit_code: exitCode,
    });
  } else {
    const write = layout === "journal"
      ? createLog({ level: "error", format: layout }).error
      : writeToStderr;
    for (const line of failureLines(failure)) write(line);
  }
  return failure.exitCode;
}

if (import.meta.main) Deno.exit(await main(Deno.args, Deno.env.toObject()));
