/** Runs a group of checks in the machine; its name is the argument. @module */
import { GROUPS } from "./groups.ts";
import { runChecks } from "./tap.ts";

const [name = ""] = Deno.args;
const group = GROUPS.get(name);
if (group === undefined) throw new RangeError(`Cannot run checks: no group is named ${name}`);
const encoder = new TextEncoder();
const failed = await runChecks(await group(), (text) => {
  for (let rest = encoder.encode(text); rest.length > 0;) {
    rest = rest.subarray(Deno.stdout.writeSync(rest));
  }
});
Deno.exit(failed === 0 ? 0 : 1);
