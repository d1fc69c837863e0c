/** Compiles the load generator, gives it a folder to work in and reads back what it did. @module */
import { decodeHex } from "./bytes.ts";
import { compileFolder } from "./c_program.ts";
import { output } from "./process.ts";

/** What the generator did: each is one event that the agent has to see. */
export type Deed =
  & {
    readonly pid: number;
    readonly tid: number;
    readonly ppid: number;
    readonly uid: number;
    readonly realUid: number;
    /** The leader of its session. */
    readonly session: number;
    /** The name its thread went by, at the time of the deed. */
    readonly name: Uint8Array;
  }
  & (
    | {
      readonly did: "open";
      readonly path: Uint8Array;
      readonly flags: number;
      /** The descriptor, or the negative errno. */
      readonly result: number;
      /** What /proc and stat(2) told of the file; not there where there is none. */
      readonly resolved?: Uint8Array;
      readonly inode?: string;
      /** `major:minor`. */
      readonly device?: string;
    }
    | {
      readonly did: "fork";
      readonly child: number;
      readonly childThread: number;
      readonly flags: number;
    }
    | {
      readonly did: "exec";
      readonly requested: Uint8Array;
      /** Not there where the attempt failed, as the arguments. */
      readonly executable?: Uint8Array;
      readonly args?: readonly Uint8Array[];
      readonly error: number;
    }
    | { readonly did: "setuid"; readonly oldUid: number; readonly newUid: number }
  );

/** One run of the generator. */
export interface Run {
  readonly pid: number;
  readonly deeds: readonly Deed[];
  /** Opens done at full speed, which are not among the deeds. */
  readonly stormOpens: number;
}

/** The name that the generator goes by. */
export const LOAD_NAME = "eagent-load";

/** A folder with all that the generator's operations need, removed when disposed of. */
export class Load implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Compiles the generator where its source is newer, and makes a folder. */
  static async create(): Promise<Load> {
    const program = await compileFolder("test/load", LOAD_NAME);
    const folder = await Deno.makeTempDir({ dir: await folderForSetuid(), prefix: "load-" });
    await Deno.chmod(folder, 0o755);
    await Deno.mkdir(`${folder}/setuid`);
    await Deno.copyFile(program, `${folder}/${LOAD_NAME}`);
    await Deno.copyFile(program, `${folder}/setuid/${LOAD_NAME}`);
    await Deno.chmod(`${folder}/setuid/${LOAD_NAME}`, 0o4755);
    await Deno.writeTextFile(`${folder}/file`, "some content\n", { mode: 0o644 });
    await Deno.writeTextFile(`${folder}/secret`, "", { mode: 0o600 });
    await Deno.writeTextFile(`${folder}/garbage`, "garbage", { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/script`, `#!${folder}/${LOAD_NAME} noop\n`, {
      mode: 0o755,
    });
    await Deno.symlink("file", `${folder}/link`);
    await Deno.symlink(LOAD_NAME, `${folder}/alias`);
    return new Load(folder);
  }

  /** Runs operations, as the tables in test/load name them, one after the other. */
  async run(...operations: readonly string[]): Promise<Run> {
    const text = await output([`${this.folder}/${LOAD_NAME}`, this.folder, ...operations]);
    // What stays behind from one run would change what the next one opens.
    for (const made of ["made", "new"]) {
      await Deno.remove(`${this.folder}/${made}`).catch(() => {});
    }
    return readRun(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Reads the generator's report. */
export function readRun(text: string): Run {
  const lines = text.trimEnd().split("\n").map((line) =>
    JSON.parse(line, (key, value: unknown) => HEX_KEYS.has(key) ? fromHex(value) : value)
  ) as readonly (Deed | { readonly did: "storm"; readonly opens: number })[];
  const deeds = lines.filter((line) => line.did !== "storm");
  const stormOpens = lines.reduce((sum, line) => line.did === "storm" ? sum + line.opens : sum, 0);
  const first = deeds.at(0);
  if (!first) throw new Error("Cannot read the generator's report: it did nothing");
  return { pid: first.pid, deeds, stormOpens };
}

const HEX_KEYS: ReadonlySet<string> = new Set([
  "name",
  "path",
  "requested",
  "executable",
  "args",
  "resolved",
]);

function fromHex(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => decodeHex(item)) : decodeHex(String(value));
}

/** A folder for temporary files in which the setuid bit counts (Debian 13's /tmp is nosuid). */
export async function folderForSetuid(): Promise<string> {
  for (const folder of ["/tmp", "/var/tmp"]) {
    const options = await output(["findmnt", "-no", "OPTIONS", "-T", folder]);
    if (!/\b(nosuid|noexec)\b/.test(options)) return folder;
  }
  throw new Error("Cannot run setuid programs: /tmp and /var/tmp are mounted nosuid or noexec");
}
