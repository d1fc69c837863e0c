/** Tools that watch the kernel: how they are started, and when they are at work. @module */
import { delay } from "../process.ts";
import { type Running, startProgram } from "./running.ts";

/** Something that watches the kernel while a load runs. */
export interface Tool {
  readonly name: string;
  /** Starts it, what it prints going to a path, and waits until it is at work. */
  start(stdout: string): Promise<RunningTool>;
}

/** A tool at work; stopped when it is disposed of. */
export interface RunningTool extends AsyncDisposable {
  /** The processes whose CPU time is the tool's. */
  readonly pids: readonly number[];
  /** Where it prints its events. */
  readonly output: string;
  /** The agent's own. */
  readonly url?: string;
  /** Stops it, and gives what it said on stderr. */
  stop(): Promise<string>;
}

export const NOTHING: Tool = {
  name: "nothing",
  start: (output) =>
    Promise.resolve({
      pids: [],
      output,
      stop: () => Promise.resolve(""),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
};

/** A tool that is one program. */
export function programTool(
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Tool {
  return {
    name,
    async start(stdout) {
      const running = await startProgram(command, { stdout, env });
      await attached(running);
      return programRunning([running], stdout);
    },
  };
}

/** Tools that together do what the agent does alone. */
export function together(name: string, tools: readonly Tool[]): Tool {
  return {
    name,
    async start(stdout) {
      const running = await Promise.all(tools.map((tool) => tool.start(stdout)));
      const stop = async () => (await Promise.all(running.map((one) => one.stop()))).join("");
      return {
        pids: running.flatMap(({ pids }) => pids),
        output: stdout,
        stop,
        [Symbol.asyncDispose]: async () => void await stop(),
      };
    },
  };
}

/** What programs that were started come to as a tool. */
export function programRunning(programs: readonly Running[], output: string): RunningTool {
  const stop = async () => (await Promise.all(programs.map((one) => one.stop()))).join("");
  return {
    pids: programs.map(({ pid }) => pid),
    output,
    stop,
    [Symbol.asyncDispose]: async () => void await stop(),
  };
}

const LOOK_MS = 100;
/** Looks in a row that have to find the same. */
const SAME_LOOKS = 4;
const MOST_LOOKS = 200;

/**
 * Waits until a program has attached what it attaches and watches its buffers: its descriptors of perf
 * events and BPF objects stay the same for a while. Most tools say nothing, or say it into a buffer.
 */
async function attached(running: Running): Promise<void> {
  let [last, same] = [0, 0];
  for (let look = 0; look < MOST_LOOKS; look++) {
    await delay(LOOK_MS);
    running.assertAlive();
    const now = countProbes(running.pid);
    same = now > 0 && now === last ? same + 1 : 0;
    if (same === SAME_LOOKS) return;
    last = now;
  }
  throw new Error(`Cannot use "${running.command}": it attached nothing within 20 s`);
}

/** None before it can wait for events: libbpf and bcc make the epoll set with the buffers, last. */
function countProbes(pid: number): number {
  const targets = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return ""; // It was closed meanwhile.
    }
  });
  const count = targets.filter((target) => /\[perf_event\]|bpf/.test(target)).length;
  const isPerf = Deno.readTextFileSync(`/proc/${pid}/comm`) === "perf\n";
  return isPerf || targets.includes("anon_inode:[eventpoll]") ? count : 0;
}
