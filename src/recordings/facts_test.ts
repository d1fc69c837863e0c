import assert from "node:assert/strict";
import { Cut, Mark } from "../events/layout.gen.ts";
import {
  execRecord,
  type FixtureRecord,
  openRecord,
  privilegeRecord,
  withOrigin,
} from "../outputs/record_fixture.ts";
import { factsOf } from "./facts.ts";

Deno.test("factsOf() tells an event as rules know it", () => {
  const facts = ({ view, at }: FixtureRecord) => {
    const { untold, ...told } = factsOf(view, at);
    return { ...told, untold: [...untold].sort() };
  };
  const common = { access: [], args: [], container: false, uid: 0, comm: "cat" };
  const O_CREAT = 0o100;
  assert.deepEqual(facts(openRecord({}, { path: "a", resolved: "/x/a", flags: 1 | O_CREAT })), {
    ...common,
    on: "open",
    outcome: "success",
    requested: "a",
    path: "/x/a",
    access: ["write"],
    untold: ["container", "exe", "parent.comm"],
  });
  assert.deepEqual(facts(openRecord({}, { path: "a", result: -2, flags: 2 | O_CREAT })), {
    ...common,
    on: "open",
    outcome: "failure",
    requested: "a",
    access: ["read", "write", "create"],
    untold: ["container", "exe", "parent.comm"],
  });
  assert.deepEqual(facts(execRecord({}, { executable: "/bin/a", args: "a\0b", cut: Cut.args })), {
    ...common,
    on: "exec",
    outcome: "success",
    requested: "/bin/a",
    path: "/bin/a",
    args: ["a", "b"],
    untold: ["args", "container", "parent.comm"],
  });
  assert.deepEqual(facts(execRecord({}, { requested: "b", error: -13 })), {
    ...common,
    on: "exec",
    outcome: "failure",
    requested: "b",
    untold: ["container", "exe", "parent.comm"],
  });
  const access = (flags: number) => facts(openRecord({}, { path: "a", flags })).access;
  assert.deepEqual(access(0), ["read"]);
  assert.deepEqual(access(2), ["read", "write"]);
  assert.deepEqual(access(0o1000), ["read", "write"], "O_TRUNC");
  const made = openRecord({}, { path: "a", flags: 1 | O_CREAT, marks: Mark.created });
  assert.deepEqual(facts(made).access, ["write", "create"]);
  assert.deepEqual(access(0o10000002), [], "O_PATH");
  assert.deepEqual(access(3), [], "for ioctl alone");
  const origin = { container: true, ancestors: [{ pid: 3, comm: "sshd" }] };
  const { parentComm, container, untold } = facts(withOrigin(privilegeRecord({}, 1000, 0), origin));
  assert.deepEqual([parentComm, container, untold], ["sshd", true, ["exe"]]);
  assert.equal(
    facts(openRecord({}, { path: "a", resolved: "b/c", cut: Cut.path })).path,
    ".../b/c",
  );
});
