/** What the confirmation of arguments costs the drain, beside a record that asks for none. @module */
import { execRecord, type FixtureRecord, withOrigin } from "../outputs/record_fixture.ts";
import { ArgsConfirmation } from "./confirmation.ts";
import { namesOf, ruleOf } from "./rule_fixture.ts";

const SET = 1;
const ALL = 0xffff_ffff;

function execMatchedBy(rules: readonly [high: number, low: number]): FixtureRecord {
  const args = "curl\0--silent\0--header\0Accept: */*\0https://example.com/\0";
  const exec = execRecord({}, { executable: "/usr/bin/curl", args, argsCount: 5 });
  return withOrigin(exec, { ruleSet: SET, rules });
}

/** Each time from the kernel's mask: to confirm takes rules off it. */
function bench(name: string, count: number, text: string): void {
  const rules = Array.from({ length: count }, (_, n) =>
    ruleOf(`rule-${n}`, {
      conditions: [{ field: "args", negated: false, values: [text] }],
    }));
  const confirmation = new ArgsConfirmation(namesOf(rules, SET));
  const { view, at } = execMatchedBy([ALL, ALL]);
  const asKernelWrote = view.words.slice();
  const group = `rules: ${count}`;
  Deno.bench({ name: `${group}, ${name}`, group }, () => {
    view.words.set(asKernelWrote);
    if (confirmation.isAsked(view, at)) confirmation.confirm(view, at);
  });
}

for (const count of [1, 8, 64]) {
  bench("an exec that none of them confirms", count, "--token");
  bench("an exec that each of them confirms", count, "--silent");
}

const plain = new ArgsConfirmation(namesOf([ruleOf("plain")], SET));
const { view, at } = execMatchedBy([0, 1]);
Deno.bench("an exec whose rules ask for no arguments", () => void plain.isAsked(view, at));
