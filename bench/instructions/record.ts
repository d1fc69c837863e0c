/**
 * Records recorded.jsonl anew: what the agent prints of a few ordinary programs. Run it as root, where an
 * event has changed what it tells; then `deno task instructions --write`.
 * @module
 */
import { Agent } from "../../test/harness/agent.ts";
import { decodeText } from "../../test/harness/bytes.ts";
import { output, sleep } from "../../test/harness/process.ts";
import type { Line } from "./recorded.ts";

const MOST_LINES = 200;

/** Listings, another user, a command not found; a compiler, which looks for its files in many places. */
const SCRIPT = `cd "$(mktemp -d /tmp/recorded.XXXXXX)"
ls -l /usr/share/doc >/dev/null
find /etc -maxdepth 1 -name 'host*' >/dev/null
for user in 65534 65533; do setpriv --reuid=$user --clear-groups cat /etc/passwd >/dev/null; done
/usr/bin/env not-a-command 2>/dev/null
for word in one two three; do /usr/bin/printf '%s\n' "$word" | sort -r -o sorted -- -; done
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >hello.c
gcc -O2 -o hello hello.c && ./hello >/dev/null
rm -r "$PWD"
`;

await using agent = await Agent.start({ args: ["--output=json"], stdout: "collected" });
const shell = await output(["/bin/sh", "-c", `echo $$; ${SCRIPT} exit 0`], {
  env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
});
await sleep(200);
const { stdout } = await agent.stop();
const lines = decodeText(stdout).trimEnd().split("\n");
const chosen = ofFamily(Number(shell.split("\n")[0]), lines).slice(0, MOST_LINES);
await Deno.writeTextFile(
  new URL("recorded.jsonl", import.meta.url),
  chosen.map((line) => `${line}\n`).join(""),
);

/** Lines of a process and of all that it started, directly or not. */
function ofFamily(pid: number, lines: readonly string[]): readonly string[] {
  const family = new Set([pid]);
  return lines.filter((text) => {
    const line: Line = JSON.parse(text);
    if (!family.has(line.process.pid)) return false;
    // The shell itself was started with the whole script as an argument.
    if (line.event.action === "exec" && line.process.pid === pid) return false;
    const child = line.ebpf_agent.child?.pid;
    if (child !== undefined) family.add(child);
    return true;
  });
}
