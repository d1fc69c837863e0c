/** What rules cost where they are matched in user space, as `ebpf-agent test` does: an event, all rules. @module */
import type { EventFacts } from "./facts.ts";
import { matches } from "./matcher.ts";
import type { Rule } from "./rule.ts";
import { ruleOf } from "./rule_fixture.ts";

/** As the rules of the pack are: what is opened, how, and by none of some programs. */
function ruleAbout(n: number): Rule {
  return ruleOf(`rule-${n}`, {
    on: ["open"],
    conditions: [
      {
        field: "path",
        negated: false,
        values: [
          { match: "exact", text: `/etc/secret-${n}` },
          { match: "prefix", text: `/srv/${n}/` },
          { match: "suffix", text: `.${n}` },
          { match: "name", text: `secret-${n}` },
        ],
      },
      { field: "access", negated: false, values: ["read"] },
      { field: "exe", negated: true, values: [{ match: "exact", text: "/usr/sbin/sshd" }] },
    ],
  });
}

const COMMON: EventFacts = {
  on: "open",
  outcome: "success",
  path: "/usr/lib/x86_64-linux-gnu/libc.so.6",
  exe: "/usr/bin/cat",
  comm: "cat",
  parentComm: "bash",
  uid: 1000,
  access: ["read"],
  args: [],
  container: false,
  untold: new Set(),
};
const MATCHED: EventFacts = { ...COMMON, path: "/etc/secret-0" };

for (const count of [1, 8, 64]) {
  const rules = Array.from({ length: count }, (_, n) => ruleAbout(n));
  const group = `rules: ${count}`;
  Deno.bench({ name: `${group}, an open that none matches`, group }, () => {
    matches(rules, COMMON);
  });
  Deno.bench({ name: `${group}, an open that one matches`, group }, () => {
    matches(rules, MATCHED);
  });
}
