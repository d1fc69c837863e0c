import assert from "node:assert/strict";
import { confirmArgs } from "./confirm.ts";
import type { Condition } from "./rule.ts";
import { ruleOf } from "./rule_fixture.ts";

function args(values: readonly string[], negated = false): Condition {
  return { field: "args", negated, values };
}

Deno.test("confirmArgs() looks for any of the texts in each argument", () => {
  const rule = ruleOf("r", { conditions: [args(["--token", "secret"])] });
  const confirm = (...given: string[]) => confirmArgs(rule, { args: given, whole: true });
  assert.equal(confirm("curl", "--token=a"), true);
  assert.equal(confirm("curl", "a secret b"), true);
  assert.equal(confirm("curl", "--tok", "en"), false);
  assert.equal(confirm(), false);
});

Deno.test("confirmArgs() wants all conditions to hold, and leaves others to the kernel", () => {
  const rule = ruleOf("r", {
    conditions: [args(["a"]), args(["b"], true), { field: "uid", negated: false, values: [7] }],
  });
  const confirm = (...given: string[]) => confirmArgs(rule, { args: given, whole: true });
  assert.equal(confirm("a"), true);
  assert.equal(confirm("a", "b"), false);
  assert.equal(confirm("c"), false);
});

Deno.test("confirmArgs() does not take what it cannot see for absent", () => {
  const absent = ruleOf("r", { conditions: [args(["b"], true)] });
  const present = ruleOf("r", { conditions: [args(["b"])] });
  const cut = (given: readonly string[]) => ({ args: given, whole: false });
  assert.equal(confirmArgs(absent, cut(["a"])), false);
  assert.equal(confirmArgs(absent, { args: ["a"], whole: true }), true);
  assert.equal(confirmArgs(present, cut(["a"])), false);
  assert.equal(confirmArgs(present, cut(["ab"])), true);
});
