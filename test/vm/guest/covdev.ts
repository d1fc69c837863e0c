/** Temporary. @module */
import { survey } from "../../adversary/survey.ts";
import { show } from "../../adversary/verdict.ts";
import { GUEST } from "../initrd.ts";
const say = (text: string) => {
  for (let r = new TextEncoder().encode(`${text}\n`); r.length > 0;) {
    r = r.subarray(Deno.stdout.writeSync(r));
  }
};
await Deno.mkdir("/etc", { recursive: true });
await Deno.writeTextFile("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
await new Deno.Command("/usr/bin/deno", {
  args: ["run", "-A", "/ebpf-agent/src/main.ts", "version"],
}).output();
for (const hook of Deno.args) {
  try {
    const { cells, announced, passwd } = await survey(hook, GUEST.adversary, { inside: () => [] });
    say(`# ${hook} ${[...announced]} ${JSON.stringify(passwd)}`);
    for (const { road, verdict } of cells) {
      if (verdict.state !== "resolved") say(`  ${road}: ${show(verdict).slice(0, 600)}`);
    }
  } catch (error) {
    say(`# ${hook} ${String(error).slice(0, 1500)}`);
  }
}
