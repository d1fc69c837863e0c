/** Debian's archive by the machine's own apt, with lists and a state apart from the machine's. @module */
import { output } from "../harness/process.ts";

/** One version of a package. */
export interface Package {
  readonly package: string;
  readonly version: string;
}

/** Reads the lists of these suites, from where the machine has its own packages. */
export async function openArchive(suites: readonly string[]): Promise<Archive> {
  const folder = await Deno.makeTempDir({ prefix: "archive-" });
  const archive = new Archive(folder);
  try {
    // Whatever the sandbox that apt downloads in runs as.
    await Deno.chmod(folder, 0o755);
    for (const name of ["lists/partial", "archives/partial"]) {
      await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    }
    await Deno.writeTextFile(`${folder}/sources.list`, await sourcesOf(suites));
    await Deno.writeTextFile(`${folder}/apt.conf`, configuration(folder));
    await archive.update();
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
  return archive;
}

/** An archive whose lists have been read. */
export class Archive implements AsyncDisposable {
  readonly #folder: string;

  /** Called by {@link openArchive}; takes the folder over. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async update(): Promise<void> {
    await this.#apt("apt-get", "--quiet=2", "update");
  }

  /** All packages of such names, in every version. */
  async named(pattern: RegExp): Promise<readonly Package[]> {
    const names = lines(await this.#apt("apt-cache", "pkgnames", "linux-"))
      .filter((name) => pattern.test(name));
    if (names.length === 0) return [];
    const versions = lines(await this.#apt("apt-cache", "madison", ...names));
    return versions.map((line) => line.split("|").map((part) => part.trim()))
      .map(([name = "", version = ""]) => ({ package: name, version }));
  }

  /** Downloads a package and unpacks its files into a new folder. */
  async unpack(one: Package, folder: string): Promise<void> {
    await this.#apt("apt-get", "--quiet=2", "download", `${one.package}=${one.version}`);
    const file = [...Deno.readDirSync(this.#folder)].map(({ name }) => name)
      .find((name) => name.startsWith(`${one.package}_`));
    if (file === undefined) throw new Error(`Cannot find what apt-get downloaded: ${one.package}`);
    await output(["dpkg", "--extract", `${this.#folder}/${file}`, folder]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }

  #apt(...command: readonly string[]): Promise<string> {
    const settings = [`--chdir=${this.#folder}`, `APT_CONFIG=${this.#folder}/apt.conf`];
    return output(["env", ...settings, ...command], { timeoutMs: DOWNLOAD_MS });
  }
}

const DOWNLOAD_MS = 300_000;
const KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The machine's other settings (a proxy) stay as they are. */
function configuration(folder: string): string {
  return `
    Dir::State::Lists "${folder}/lists";
    Dir::State::Status "/dev/null";
    Dir::Cache "${folder}";
    Dir::Etc::SourceList "${folder}/sources.list";
    Dir::Etc::SourceParts "/dev/null";
    Acquire::Languages "none";
  `;
}

async function sourcesOf(suites: readonly string[]): Promise<string> {
  const format = "$(REPO_URI) $(RELEASE)";
  const targets = lines(await output(["apt-get", "indextargets", "--format", format]));
  const mirrors = targets.map((line) => line.split(" "));
  const mirrorOf = (security: boolean) => {
    const suite = security ? /^[a-z]+-security$/ : DEBIAN_SUITE;
    const mirror = mirrors.find(([, release = ""]) => suite.test(release))?.[0];
    if (mirror !== undefined) return mirror;
    throw new Error(`Cannot download kernels: this machine has no apt source for ${suite}`);
  };
  return suites.map((suite) =>
    `deb [arch=amd64 signed-by=${KEYS}] ${mirrorOf(suite.endsWith("-security"))} ${suite} main\n`
  ).join("");
}

const DEBIAN_SUITE = /^(bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)$/;

function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
