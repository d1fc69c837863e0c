import { coverageChecks } from "./coverage.ts";
import { runChecks } from "./tap.ts";
const checks = coverageChecks().filter(({ name }) => Deno.args.length === 0 || Deno.args.some((hook) => name.includes(hook)));
await runChecks(checks, (text) => { for (let r = new TextEncoder().encode(text); r.length;) r = r.subarray(Deno.stdout.writeSync(r)); });
