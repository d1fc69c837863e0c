/** Programs that run beside a load: started, and stopped by their process id. @module */
import { delay } from "../process.ts";

/** What is to be undone where the benchmarks end early. */
const undo = new Set<() => void | Promise<void>>();
let undoing: Promise<void> | undefined;

/** Does all that is left to be undone, the latest first, once: at the end, and after Ctrl+C. */
export function undoAll(): Promise<void> {
  undoing ??= (async () => {
    for (const one of [...undo].reverse()) await Promise.resolve(one()).catch(() => {});
  })();
  return undoing;
}

/** Has something undone by {@link undoAll}, until the returned function is called. */
export function onEnd(what: () => void | Promise<void>): () => void {
  undo.add(what);
  return () => undo.delete(what);
}

const PATIENCE_MS = 5000;

/** A program that runs until it is stopped. */
export class Running {
  readonly command: string;
  readonly #child: Deno.ChildProcess;
  readonly #forget: () => void;
  readonly #read: Promise<void>;
  #stderr = "";
  #ended = false;

  constructor(command: readonly string[], child: Deno.ChildProcess) {
    this.command = command.join(" ");
    this.#child = child;
    this.#forget = onEnd(() => this.#kill("SIGKILL"));
    child.status.then(() => this.#ended = true);
    this.#read = this.#readStderr();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Throws what it said where it has ended by itself. */
  assertAlive(): void {
    if (this.#ended) throw new Error(`Cannot use "${this.command}": it ended\n${this.#stderr}`);
  }

  /** Asks it to end as Ctrl+C does, and insists after a while; gives what it said on stderr. */
  async stop(signal: Deno.Signal = "SIGINT"): Promise<string> {
    this.#kill(signal);
    const late = setTimeout(() => this.#kill("SIGKILL"), PATIENCE_MS);
    await this.#child.status;
    clearTimeout(late);
    this.#forget();
    await Promise.race([this.#read, delay(PATIENCE_MS)]);
    return this.#stderr;
  }

  #kill(signal: Deno.Signal): void {
    if (this.#ended) return;
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended meanwhile.
    }
  }

  async #readStderr(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderr += text;
    }
  }
}

/** Starts a program whose stdout goes to a path: a file, a named pipe, or nowhere. */
export function startProgram(
  command: readonly string[],
  options: { readonly stdout: string; readonly env?: Readonly<Record<string, string>> },
): Running {
  if (undoing !== undefined) throw new Error(`Not started any more: "${command.join(" ")}"`);
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", 'exec "$@" >>"$0"', options.stdout, ...command],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: options.env,
  }).spawn();
  return new Running(command, child);
}

/** Runs a program to its end; gives what it printed. Throws what it said where it fails. */
export async function runProgram(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const forget = onEnd(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  });
  const { success, stdout, stderr } = await child.output();
  forget();
  const text = new TextDecoder();
  if (!success) {
    throw new Error(`"${command.join(" ")}" failed:\n${text.decode(stderr)}`);
  }
  return text.decode(stdout);
}
