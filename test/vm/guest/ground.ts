/** What the adversary is sent to in a virtual machine. @module */
import type { Ground } from "../../adversary/survey.ts";

/** The machine's own /etc/passwd, anew: nobody else needs it. */
export async function ownGround(): Promise<Ground> {
  await Deno.mkdir("/etc", { recursive: true });
  await Deno.writeTextFile("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
  return { inside: () => [] };
}
