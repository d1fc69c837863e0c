/** Runs programs to their end, for a bounded time. @module */
import { decodeText } from "./bytes.ts";

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Instead of the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** After this long it is killed. */
  readonly timeoutMs?: number;
}

/** Runs a program; one that does not end in time is killed, and fails. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const [program, ...args] = command;
  if (program === undefined) throw new RangeError("Cannot run a program: no name");
  const child = new Deno.Command(program, {
    args,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.env ? { clearEnv: true, env: options.env } : {}),
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill(child, "SIGKILL");
  }, patience(options.timeoutMs ?? 60_000));
  try {
    if (options.stdin !== undefined) {
      await new Blob([options.stdin]).stream().pipeTo(child.stdin);
    }
    const { code, stdout, stderr } = await child.output();
    const ended = { code, stdout: decodeText(stdout), stderr: decodeText(stderr) };
    if (late) {
      throw new Error(`"${command.join(" ")}" did not end in time:\n${ended.stderr.slice(-4000)}`);
    }
    return ended;
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a program that has to succeed, and gives what it printed. */
export async function output(command: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, options);
  if (code !== 0) throw new Error(`"${command.join(" ")}" ended with ${code}:\n${stderr}`);
  return stdout;
}

/** A command as the shell reads it. */
export function shellQuoted(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

/** Sends a signal to one process; one that has ended already needs none. */
export function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}

/** How long to wait for what takes so long elsewhere: an emulated machine says how slow it is. */
export function patience(ms: number): number {
  return ms * Number(Deno.env.get("TESTS_SLOWED_BY") ?? 1);
}

/** Resolves after a time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks again until something holds; `what` is told where it does not come to hold in time. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + patience(timeoutMs);
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await sleep(Math.min(patience(20), 200));
  }
}
