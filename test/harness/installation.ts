/** Runs install.sh into a folder, with a program that prints what the agent prints. @module */
import { PRINTABLE } from "../../src/cli/printable.ts";
import { printable } from "../../src/commands/print.ts";
import { checkout } from "./checkout.ts";
import { type Ended, run, type RunOptions } from "./process.ts";

export class Installation implements AsyncDisposable {
  /** Where all is installed to. */
  readonly root: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.root = `${folder}/root`;
  }

  static async create(): Promise<Installation> {
    const folder = await Deno.makeTempDir({ prefix: "install-" });
    // As readable for other users as a folder that somebody copied the program to.
    await Deno.chmod(folder, 0o755);
    await Deno.mkdir(`${folder}/root`);
    return new Installation(folder);
  }

  /** A program that knows `version` and `print`; `script` runs first. */
  async program(version: string, script = ""): Promise<string> {
    const folder = `${this.#folder}/${version}`;
    await Deno.mkdir(`${folder}/rules`, { recursive: true });
    for (const what of PRINTABLE) {
      const text = printable(what);
      await Deno.writeTextFile(
        `${folder}/${what}`,
        what === "unit" ? text : `# ${version}\n${text}`,
      );
    }
    const program = `${folder}/ebpf-agent`;
    await Deno.writeTextFile(
      program,
      `#!/bin/sh
${script}
case $1 in
version) echo ebpf-agent ${version} ;;
print) exec cat "${folder}/$2" ;;
esac
`,
    );
    await Deno.chmod(program, 0o755);
    return program;
  }

  /** Runs install.sh on the folder. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const env = { PATH: Deno.env.get("PATH") ?? "", DESTDIR: this.root, ...options.env };
    return run([`${checkout}/install.sh`, ...args], { ...options, env });
  }

  /** Every file and folder with its mode, and the content of files, by path. */
  async tree(): Promise<ReadonlyMap<string, string>> {
    const entries = new Map<string, string>();
    const visit = async (folder: string) => {
      for await (const { name, isDirectory, isSymlink } of Deno.readDir(this.root + folder)) {
        const path = `${folder}/${name}`;
        const mode = ((await Deno.lstat(this.root + path)).mode ?? 0) & 0o7777;
        const content = isDirectory
          ? "folder"
          : isSymlink
          ? `-> ${await Deno.readLink(this.root + path)}`
          : await Deno.readTextFile(this.root + path);
        entries.set(path, `${mode.toString(8)} ${content}`);
        if (isDirectory) await visit(path);
      }
    };
    await visit("");
    return entries;
  }

  async files(): Promise<readonly string[]> {
    const entries = [...await this.tree()].filter(([, what]) => !what.endsWith(" folder"));
    return entries.map(([path]) => path).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
