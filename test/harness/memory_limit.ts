/** A control group in front of a command, which then has so much memory and no more. @module */
import { until } from "./process.ts";

/** Where the memory of groups is limited, and by which file; version 1 of cgroups, or 2. */
interface Controller {
  readonly root: string;
  readonly limit: string;
}

/** A group of its own, which goes when it is disposed of; what ran in it has to have ended. */
export class MemoryLimit implements AsyncDisposable {
  /** What to put in front of a command. */
  readonly wrap: readonly string[];
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.wrap = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', folder];
  }

  /** Makes a group that is limited to so many bytes, the kernel's for it among them. */
  static async create(bytes: number): Promise<MemoryLimit> {
    const { root, limit } = await controller();
    const folder = `${root}/ebpf-agent-memory-${Deno.pid}`;
    await Deno.mkdir(folder);
    const group = new MemoryLimit(folder);
    await Deno.writeTextFile(`${folder}/${limit}`, `${bytes}`);
    return group;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // For a moment the kernel may still count what has ended.
    const remove = () => Deno.remove(this.#folder).then(() => true, () => undefined);
    await until(`${this.#folder} can be removed`, remove);
  }
}

async function controller(): Promise<Controller> {
  const mounts = await Deno.readTextFile("/proc/mounts");
  const [, first] = /^\S+ (\S+) cgroup \S*\bmemory\b/m.exec(mounts) ?? [];
  if (first !== undefined) return { root: first, limit: "memory.limit_in_bytes" };
  const [, second] = /^\S+ (\S+) cgroup2 /m.exec(mounts) ?? [];
  if (second === undefined) throw new Error("Cannot limit memory: there are no cgroups");
  await Deno.writeTextFile(`${second}/cgroup.subtree_control`, "+memory");
  return { root: second, limit: "memory.max" };
}
