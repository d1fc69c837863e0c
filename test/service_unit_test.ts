/** Tests of the service's unit, by systemd's own judgement. @module */
import { equal, match, notEqual } from "node:assert/strict";
import { checkout } from "./harness/checkout.ts";
import { run } from "./harness/process.ts";

const UNIT = "ebpf-agent.service";

Deno.test("ebpf-agent.service is exposed less than 2.5 of 10", async () => {
  const security = [
    "systemd-analyze",
    "security",
    "--offline=true",
    "--threshold=25",
    "--no-pager",
  ];
  const { code, stdout, stderr } = await run([...security, `${checkout}/${UNIT}`]);
  match(stdout, /Overall exposure level for ebpf-agent\.service: \d/);
  equal(code, 0, stdout + stderr);
});

Deno.test("ebpf-agent.service has nothing that systemd does not know", async () => {
  const text = await Deno.readTextFile(`${checkout}/${UNIT}`);
  equal(await verify(text), "");
  notEqual(await verify(text.replace("WatchdogSec=", "WatchdogSecs=")), "");
});

/** What `systemd-analyze verify` finds fault with; it ends well even so. */
async function verify(text: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "unit-" });
  try {
    // The program need not be installed here, nor its page.
    const started = text.replace("/usr/local/bin/ebpf-agent", "/bin/sh");
    await Deno.writeTextFile(`${folder}/${UNIT}`, started);
    return (await run(["systemd-analyze", "verify", "--man=no", `${folder}/${UNIT}`])).stderr;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
