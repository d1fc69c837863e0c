/** Runs the agent as nobody, with no more than the capabilities named. @module */
import type { AgentOptions } from "./agent.ts";
import { SourceCopy } from "./source_copy.ts";

const NOBODY = 65534;

/** A copy of the agent that everybody may run: the checkout may lie where nobody else may look. */
export class Nobody implements AsyncDisposable {
  readonly #copy: SourceCopy;

  private constructor(copy: SourceCopy) {
    this.#copy = copy;
  }

  static async create(): Promise<Nobody> {
    const copy = await SourceCopy.create();
    await Deno.chmod(copy.root, 0o755);
    await Deno.mkdir(`${copy.root}/home`);
    await Deno.chown(`${copy.root}/home`, NOBODY, NOBODY);
    await Deno.copyFile(Deno.execPath(), `${copy.root}/deno`);
    return new Nobody(copy);
  }

  /**
   * What starts an agent as nobody with these capabilities, such as "bpf" and "perfmon"; `inFront`
   * is a command that runs it with root's rights still, such as a seccomp filter.
   */
  with(
    capabilities: readonly string[],
    inFront: readonly string[] = [],
  ): Required<Pick<AgentOptions, "wrap" | "root" | "env">> {
    const { root } = this.#copy;
    const caps = ["-all", ...capabilities.map((name) => `+${name}`)].join(",");
    const wrap = [
      ...inFront,
      "/usr/bin/setpriv",
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      "--clear-groups",
      `--inh-caps=${caps}`,
      `--ambient-caps=${caps}`,
      `--bounding-set=${caps}`,
      // Takes the place of the Deno that the command names.
      ...["sh", "-c", 'shift; exec "$0" "$@"', `${root}/deno`],
    ];
    return { wrap, root, env: { HOME: `${root}/home`, DENO_DIR: `${root}/home` } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#copy[Symbol.asyncDispose]();
  }
}
