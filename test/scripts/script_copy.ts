/** A copy of the scripts in a folder of its own, on a PATH that holds only what a test puts there. @module */
import { checkout } from "../harness/checkout.ts";
import { type Ended, run, type RunOptions } from "../harness/process.ts";

/** What every system has, and the scripts call. */
const COMMON =
  `awk cat chmod cp dirname env find grep head id kill ln mkdir mktemp mv readlink rm sed
  seq setpriv setsid sh sha256sum sleep sort tail timeout touch tr uname`.split(/\s+/);

/** A program that prints its arguments, each in brackets. */
export const PRINT_ARGS = `printf '[%s]\\n' "$@"`;

export interface ScriptRun extends RunOptions {
  /** In front of the script's name. */
  readonly wrap?: readonly string[];
  /** The script, instead of by its path in the copy. */
  readonly by?: readonly string[];
}

export class ScriptCopy implements AsyncDisposable {
  readonly root: string;
  /** What a test puts on PATH. */
  readonly bin: string;
  /** PATH: that, and behind it what every system has. */
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.root = `${folder}/${name}`;
    this.bin = `${folder}/bin`;
    this.path = `${this.bin}:${folder}/common`;
  }

  /** Copies the scripts into a checkout of this name. */
  static async create(name = "checkout"): Promise<ScriptCopy> {
    const copy = new ScriptCopy(await Deno.makeTempDir({ prefix: "scripts-" }), name);
    await Deno.chmod(copy.#folder, 0o755);
    await Deno.mkdir(`${copy.root}/scripts`, { recursive: true });
    await Deno.mkdir(copy.bin);
    const common = `${copy.#folder}/common`;
    await Deno.mkdir(common);
    for await (const { name } of Deno.readDir(`${checkout}/scripts`)) {
      if (!name.endsWith(".sh")) continue;
      await Deno.copyFile(`${checkout}/scripts/${name}`, `${copy.root}/scripts/${name}`);
    }
    for (const tool of COMMON) await Deno.symlink(`/usr/bin/${tool}`, `${common}/${tool}`);
    return copy;
  }

  /** Replaces a text wherever it stands in the scripts. */
  async replace(from: string, to: string): Promise<void> {
    let found = 0;
    for await (const { name } of Deno.readDir(`${this.root}/scripts`)) {
      const path = `${this.root}/scripts/${name}`;
      const text = await Deno.readTextFile(path);
      found += text.split(from).length - 1;
      await Deno.writeTextFile(path, text.replaceAll(from, () => to));
    }
    if (found === 0) throw new Error(`Cannot replace ${JSON.stringify(from)}: no script has it`);
  }

  /** Makes it a system without libbpf: the scripts look for a library that is nowhere. */
  async withoutLibbpf(): Promise<void> {
    await this.replace("libbpf.so.1", "libabsent.so.1");
  }

  /** Puts a shell script on PATH. */
  async program(name: string, text: string): Promise<void> {
    await writeScript(`${this.bin}/${name}`, text);
  }

  /** Puts a shell script where the scripts install Deno. */
  async deno(text: string): Promise<void> {
    const pinned = await this.pinnedDeno();
    await Deno.mkdir(pinned.slice(0, pinned.lastIndexOf("/")), { recursive: true });
    await writeScript(pinned, text);
  }

  /** Where the scripts install Deno. */
  async pinnedDeno(): Promise<string> {
    const text = await Deno.readTextFile(`${this.root}/scripts/lib.sh`);
    return `${this.root}/.deno/${/^deno_pinned=(.+)$/m.exec(text)?.[1]}/deno`;
  }

  /** Runs one of the scripts with these arguments. */
  run(script: string, args: readonly string[] = [], options: ScriptRun = {}): Promise<Ended> {
    const by = options.by ?? [`${this.root}/scripts/${script}`];
    return run([...(options.wrap ?? []), ...by, ...args], {
      ...options,
      env: { PATH: this.path, ...options.env },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Writes an executable shell script. */
export async function writeScript(path: string, text: string): Promise<void> {
  const staged = `${path}.new`;
  await Deno.writeTextFile(staged, `#!/bin/sh\n${text}\n`, { createNew: true });
  await Deno.chmod(staged, 0o755);
  // Renamed over what is there: written through a link, a program of the system would be lost.
  await Deno.rename(staged, path);
}

/** A prefix under which a command runs as an ordinary user; empty where the tests do. */
export const AS_USER: readonly string[] = Deno.uid() === 0
  ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
  : [];
