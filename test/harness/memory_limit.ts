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
    const found = findController();
    if (found === undefined) throw new Error("Cannot limit memory: see canLimitMemory()");
    const { root, limit } = found;
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

/** Whether there are control groups that limit memory: in a container there may be none. */
export function canLimitMemory(): boolean {
  return findController() !== undefined;
}

/** Version 1's own tree, or version 2's where its root hands memory on. */
function findController(): Controller | undefined {
  const mounts = Deno.readTextFileSync("/proc/mounts");
  const [, first] = /^\S+ (\S+) cgroup \S*\bmemory\b/m.exec(mounts) ?? [];
  if (first !== undefined) return { root: first, limit: "memory.limit_in_bytes" };
  const [, second] = /^\S+ (\S+) cgroup2 /m.exec(mounts) ?? [];
  if (second === undefined) return undefined;
  const handedOn = Deno.readTextFileSync(`${second}/cgroup.subtree_control`).split(/\s+/);
  return handedOn.includes("memory") ? { root: second, limit: "memory.max" } : undefined;
}
