/** What `ebpf-agent print` prints: all that install.sh installs beside the program. @module */
import { bashCompletion, fishCompletion, zshCompletion } from "../cli/completions.ts";
import { environmentFile } from "../cli/environment_file.ts";
import { exampleConfig } from "../cli/example_config.ts";
import { manPage } from "../cli/man.ts";
import type { Printable } from "../cli/printable.ts";
import { failedError } from "../errors.ts";
import { VERSION } from "../version.ts";

/** The text of a file; throws an AgentError where the program does not hold it. */
export function printable(what: Printable): string {
  switch (what) {
    case "man":
      return manPage(VERSION);
    case "bash":
      return bashCompletion();
    case "zsh":
      return zshCompletion();
    case "fish":
      return fishCompletion();
    case "environment":
      return environmentFile();
    case "config":
      return exampleConfig();
    case "unit":
      return readPart("ebpf-agent.service");
    default:
      return readPart(what);
  }
}

/** A file of the project, which is compiled in. */
function readPart(name: string): string {
  const path = new URL(`../../${name}`, import.meta.url);
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw failedError(`Cannot read ${path.pathname}. Install the agent again`, error);
  }
}
