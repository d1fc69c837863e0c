/** A copy of /etc on this machine, which only the agent and the adversary see. @module */
import { output } from "../harness/process.ts";
import type { Ground } from "./survey.ts";

/** Makes the copy for as long as the work takes. */
export async function withGround<T>(work: (ground: Ground) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "coverage-" });
  try {
    await output(["cp", "-a", "/etc", folder]);
    const script = `mount --bind ${folder}/etc /etc; exec "$@"`;
    return await work({
      wrap: ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh"],
      inside: (agent) => ["nsenter", "--mount", `--target=${agent.pid}`],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
