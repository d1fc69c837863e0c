/** Starts the real agent, waits until it is ready, and stops it. @module */
import { concat } from "./bytes.ts";
import { checkout } from "./checkout.ts";
import { type Metrics, parseMetrics } from "./metrics.ts";
import { type Ended, kill, patience, run, until } from "./process.ts";

/**
 * What becomes of stdout: collected in a file, which never holds the agent up; read from a pipe, as
 * fast as the tests come to it; thrown away; or a pipe that nobody reads.
 */
export type StdoutKind = "collected" | "piped" | "null" | "blocked";

export interface AgentOptions {
  /** Other words than `run`. */
  readonly command?: readonly string[];
  /** Options, besides the address. */
  readonly args?: readonly string[];
  readonly stdout?: StdoutKind;
  /** A command that runs the agent, put in front of its own. */
  readonly wrap?: readonly string[];
  /** Whose source is run instead of this checkout's. */
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How the agent ended, and all that it wrote. */
export interface AgentEnd {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** The command that is tested: the source, or what EBPF_AGENT_UNDER_TEST names. */
export function agentCommand(root: string = checkout): readonly string[] {
  const command = Deno.env.get("EBPF_AGENT_UNDER_TEST");
  if (command && root === checkout) return command.split(" ");
  return [Deno.execPath(), ...sourceArguments(root)];
}

/** What Deno is told to run the agent from source, with no permission that users do not give it. */
export function sourceArguments(root: string): readonly string[] {
  return ["run", "--quiet", ...permissions(), `--allow-read=${root}`, `${root}/src/main.ts`];
}

/** Those of scripts/lib.sh, which the program is compiled with too. */
function permissions(): readonly string[] {
  const script = Deno.readTextFileSync(`${checkout}/scripts/lib.sh`);
  const [, words] = /^permissions='(.+)'$/m.exec(script) ?? [];
  if (words === undefined) throw new Error("There are no permissions in scripts/lib.sh");
  return words.split(" ");
}

/** Runs the agent, which is expected to end by itself. */
export function runAgent(
  args: readonly string[],
  { wrap = [], root, env }: Pick<AgentOptions, "wrap" | "root" | "env"> = {},
): Promise<Ended> {
  return run([...wrap, ...agentCommand(root), ...args], {
    env: { ...inheritedEnvironment(), ...env },
    timeoutMs: 30_000,
  });
}

/** A running agent; killed when disposed of, unless stopped before. */
export class Agent implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Uint8Array[] = [];
  readonly #kind: StdoutKind;
  readonly #file: string | undefined;
  readonly #read: Promise<unknown>;
  #taken = false;
  #stderr = "";
  #url = "";

  private constructor(child: Deno.ChildProcess, stdout: StdoutKind, file: string | undefined) {
    this.#child = child;
    this.#kind = stdout;
    this.#file = file;
    this.#read = Promise.all([
      this.#readStderr(),
      stdout === "piped" ? this.#readStdout() : undefined,
    ]);
  }

  /** Starts an agent on a free port, and waits until its probes are attached. */
  static async start(options: AgentOptions = {}): Promise<Agent> {
    const stdout = options.stdout ?? "null";
    const file = stdout === "collected" ? await Deno.makeTempFile() : undefined;
    const [program = "", ...args] = [
      // Opened before anything that may take the right to do so away.
      ...(file === undefined ? [] : ["sh", "-c", 'exec "$@" >"$0"', file]),
      ...(options.wrap ?? []),
      ...agentCommand(options.root),
    ];
    const child = new Deno.Command(program, {
      args: [
        ...args,
        ...(options.command ?? ["run"]),
        "--web.listen-address=127.0.0.1:0",
        ...(options.args ?? []),
      ],
      stdin: "null",
      stdout: stdout === "piped" || stdout === "blocked" ? "piped" : "null",
      stderr: "piped",
      clearEnv: true,
      env: { ...inheritedEnvironment(), ...options.env },
    }).spawn();
    const agent = new Agent(child, stdout, file);
    try {
      await agent.#ready();
    } catch (error) {
      await agent[Symbol.asyncDispose]();
      throw error;
    }
    return agent;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Where it serves, without a slash at the end. */
  get url(): string {
    return this.#url;
  }

  /** What it has said so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** One scrape. */
  async metrics(): Promise<Metrics> {
    return parseMetrics(await this.metricsText());
  }

  async metricsText(): Promise<string> {
    const response = await fetch(`${this.#url}/metrics`, {
      signal: AbortSignal.timeout(patience(15_000)),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`/metrics answered ${response.status}: ${text}`);
    return text;
  }

  signal(signal: Deno.Signal): void {
    kill(this.#child, signal);
  }

  /** Stops it as Ctrl+C does, and waits for its end. */
  stop(): Promise<AgentEnd> {
    this.signal("SIGINT");
    return this.end();
  }

  /** Waits until it ends by itself; it is killed where that takes too long. */
  async end(timeoutMs = 20_000): Promise<AgentEnd> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.signal("SIGKILL");
    }, patience(timeoutMs));
    const status = await this.#child.status;
    clearTimeout(timer);
    const stdout = await this.#takeStdout();
    if (late) throw new Error(`The agent did not end within ${timeoutMs} ms:\n${this.#stderr}`);
    const { code, signal } = status;
    return { code, signal, stdout, stderr: this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.#child.status;
    await this.#takeStdout();
  }

  async #ready(): Promise<void> {
    let ended = false;
    this.#child.status.then(() => ended = true);
    await until("the agent is ready", async () => {
      if (ended) throw new Error(`The agent ended before it was ready:\n${this.#stderr}`);
      this.#url ||= addressIn(this.#stderr) ?? "";
      return this.#url !== "" && await isReady(this.#url) ? true : undefined;
    }, 20_000).catch((error) => {
      throw new Error(`${error.message}\n${this.#stderr}`, { cause: error });
    });
  }

  async #readStderr(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderr += text;
    }
  }

  async #readStdout(): Promise<void> {
    for await (const chunk of this.#child.stdout) this.#stdout.push(chunk);
  }

  /** What was written to stdout; the second time nothing. */
  async #takeStdout(): Promise<Uint8Array> {
    await this.#read;
    // A pipe that nobody read holds bytes that nobody wants.
    if (this.#kind === "blocked") await this.#child.stdout.cancel();
    if (this.#file === undefined || this.#taken) return concat(this.#stdout);
    this.#taken = true;
    const bytes = await Deno.readFile(this.#file);
    await Deno.remove(this.#file);
    return bytes;
  }
}

/** Without the variable that names what is tested: the agent refuses variables it does not know. */
export function inheritedEnvironment(): Record<string, string> {
  const environment = Deno.env.toObject();
  for (const name of Object.keys(environment)) {
    if (name.startsWith("EBPF_AGENT_")) delete environment[name];
  }
  return environment;
}

function addressIn(stderr: string): string | undefined {
  const match = /127\.0\.0\.1:(\d+)/.exec(stderr);
  return match ? `http://127.0.0.1:${match[1]}` : undefined;
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(patience(5_000)) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}
