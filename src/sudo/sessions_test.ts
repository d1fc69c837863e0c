import assert from "node:assert/strict";
import {
  execRecord,
  type FixtureRecord,
  type OriginFixture,
  withOrigin,
} from "../outputs/record_fixture.ts";
import { type SudoOutcome, SudoSessions } from "./sessions.ts";

const NAMES: Readonly<Record<number, string>> = { 0: "root", 33: "www-data", 1000: "deploy" };

/** Sessions with what they told, and a world of processes that runs at once. */
function watch() {
  const told: SudoOutcome[] = [];
  const sudo = new SudoSessions({
    userName: (uid) => NAMES[uid] ?? String(uid),
    tell: (outcome) => void told.push(outcome),
  });
  let drained = 0;
  const alive = new Set<number>();
  return {
    told,
    sudo,
    alive,
    observe: ({ view, at }: FixtureRecord) => sudo.observe(view, at),
    tick: (lost = 0, isDrained = true) => {
      if (isDrained) drained++;
      sudo.tick({ isAlive: (pid) => alive.has(pid), drained, lost });
    },
  };
}

function exec(
  pid: number,
  command: string,
  {
    uid = 0,
    realUid = 1000,
    requested = "",
    error = 0,
    cut = 0,
    origin = {},
  }: {
    readonly uid?: number;
    readonly realUid?: number;
    readonly requested?: string;
    readonly error?: number;
    readonly cut?: number;
    readonly origin?: OriginFixture;
  } = {},
): FixtureRecord {
  const [executable = "", ...rest] = command.split(" ");
  const args = [executable.slice(executable.lastIndexOf("/") + 1), ...rest];
  return withOrigin(
    execRecord({ pid, uid }, {
      executable,
      requested: requested || executable,
      args: args.map((arg) => `${arg}\0`).join(""),
      argsCount: args.length,
      realUid,
      error,
      cut,
    }),
    origin,
  );
}

/** Processes above, parent first. */
function below(...pids: readonly number[]): { readonly origin: OriginFixture } {
  return { origin: { ancestors: pids.map((pid) => ({ pid, comm: "sudo" })) } };
}

const SUDO = "/usr/bin/sudo systemctl restart nginx";
const COMMAND = "/usr/bin/systemctl restart nginx";
const DONE = { outcome: "success", user: "deploy", target: "root", pid: 50, command: COMMAND };

Deno.test("SudoSessions tell the command that sudo becomes, that a child runs, or a grandchild", () => {
  for (
    const ran of [exec(50, COMMAND), exec(51, COMMAND, below(50)), exec(52, COMMAND, below(51, 50))]
  ) {
    const { observe, told, sudo } = watch();
    observe(exec(50, SUDO));
    assert.equal(sudo.current, undefined);
    observe(ran);
    assert.deepEqual(told, [DONE]);
    assert.deepEqual(sudo.current, { user: "deploy", target: "root" });
    observe(exec(60, "/bin/true"));
    assert.equal(sudo.current, undefined);
  }
});

Deno.test("SudoSessions tell who logged in, where the kernel knows", () => {
  const { observe, told } = watch();
  observe(exec(50, SUDO, { realUid: 33, origin: { loginUid: 1000 } }));
  observe(exec(50, COMMAND));
  assert.equal(told[0]?.user, "deploy");
  observe(exec(51, SUDO, { realUid: 33 }));
  observe(exec(51, COMMAND));
  assert.equal(told[1]?.user, "www-data");
});

Deno.test("SudoSessions tell the user that the command really runs as", () => {
  const { observe, told } = watch();
  observe(exec(50, "/usr/bin/sudo -u #33 id"));
  observe(exec(50, "/usr/bin/id", { uid: 33 }));
  assert.equal(told[0]?.target, "www-data");
});

const BACKGROUND = "/usr/bin/sudo -b systemctl restart nginx";

Deno.test("SudoSessions tell the command that sudo leaves to a child without a parent", () => {
  for (const parents of [[51], [52, 51]]) {
    const { observe, told, tick } = watch();
    observe(exec(50, BACKGROUND));
    tick();
    observe(exec(53, COMMAND, below(...parents, 1)));
    tick();
    tick();
    assert.deepEqual(told, [DONE]);
  }
});

Deno.test("SudoSessions take no other program for the one in the background", () => {
  const { observe, told, tick } = watch();
  observe(exec(50, BACKGROUND));
  const bash = { origin: { ancestors: [{ pid: 51, comm: "bash" }] } };
  observe(exec(52, COMMAND, bash));
  observe(exec(52, COMMAND, { ...below(51, 1), uid: 1000 }));
  observe(exec(52, COMMAND, { origin: { ...below(51, 1).origin, loginUid: 33 } }));
  observe(exec(52, "/usr/bin/systemctl restart apache2", below(51, 1)));
  for (let i = 0; i < 3; i++) tick();
  assert.deepEqual(told.map(({ outcome }) => outcome), ["refused"]);
});

Deno.test("SudoSessions do not guess whose command runs in the background", () => {
  const { observe, told } = watch();
  observe(exec(50, BACKGROUND));
  observe(exec(60, BACKGROUND, { realUid: 33 }));
  observe(exec(61, COMMAND, below(51, 1)));
  assert.deepEqual(told.map(({ pid, outcome }) => [pid, outcome]), [
    [50, "unknown"],
    [60, "unknown"],
  ]);
});

Deno.test("SudoSessions take nothing else for the command", () => {
  const { observe, told } = watch();
  observe(exec(50, SUDO));
  observe(exec(51, "/usr/sbin/unix_chkpwd deploy nullok", below(50)));
  observe(exec(52, "/usr/sbin/sendmail -t", below(50)));
  observe(exec(53, "/usr/bin/systemctl restart apache2", below(50)));
  observe(exec(54, COMMAND, below(53)));
  observe(exec(55, COMMAND, below(9, 8, 50)));
  observe(exec(50, COMMAND, { error: -2 }));
  assert.deepEqual(told, []);
  observe(exec(56, COMMAND, below(50)));
  assert.deepEqual(told, [DONE]);
});

Deno.test("SudoSessions know a script by its own name", () => {
  const { observe, told } = watch();
  observe(exec(50, "/usr/bin/sudo ./deploy.sh now"));
  observe(exec(51, "/usr/bin/bash ./deploy.sh now", { requested: "./deploy.sh", ...below(50) }));
  assert.equal(told[0]?.command, "/usr/bin/bash ./deploy.sh now");
});

Deno.test("SudoSessions know a shell that was asked for", () => {
  const { observe, told } = watch();
  observe(exec(50, "/usr/bin/sudo -i"));
  observe(exec(51, "/usr/sbin/sendmail -t", below(50)));
  observe(exec(52, "/bin/bash", below(50)));
  assert.equal(told[0]?.command, "/bin/bash");
  assert.equal(told.length, 1);
});

Deno.test("SudoSessions tell a refusal once sudo is gone and the rings were emptied since", () => {
  const { observe, told, tick, alive } = watch();
  alive.add(50);
  observe(exec(50, "/usr/bin/sudo -u www-data id"));
  tick();
  tick();
  assert.deepEqual(told, []);
  alive.delete(50);
  tick();
  tick(0, false);
  assert.deepEqual(told, []);
  tick();
  assert.deepEqual(told, [
    { outcome: "refused", user: "deploy", target: "www-data", pid: 50, command: "id" },
  ]);
  tick();
  assert.equal(told.length, 1);
});

Deno.test("SudoSessions take a command that was drained after sudo's end for a success", () => {
  const { observe, told, tick } = watch();
  observe(exec(50, SUDO));
  tick();
  observe(exec(51, COMMAND, below(50)));
  tick();
  tick();
  assert.deepEqual(told, [DONE]);
});

Deno.test("SudoSessions do not speak of a refusal where events were lost", () => {
  const { observe, told, tick } = watch();
  tick(5);
  observe(exec(50, SUDO));
  tick(6);
  observe(exec(60, "/usr/bin/sudo id"));
  tick(6);
  tick(6);
  assert.deepEqual(told.map(({ pid, outcome }) => [pid, outcome]), [
    [50, "unknown"],
    [60, "refused"],
  ]);
});

Deno.test("SudoSessions tell of a sudo that runs sudo twice", () => {
  const { observe, told } = watch();
  observe(exec(50, "/usr/bin/sudo sudo id"));
  observe(exec(51, "/usr/bin/sudo id", { realUid: 0, ...below(50) }));
  observe(exec(52, "/usr/bin/id", below(51, 50)));
  assert.deepEqual(told.map(({ user, pid, command }) => [user, pid, command]), [
    ["deploy", 50, "/usr/bin/sudo id"],
    ["root", 51, "/usr/bin/id"],
  ]);
});

Deno.test("SudoSessions leave calls alone that run no command, and those whose arguments are cut", () => {
  const { observe, told, tick } = watch();
  observe(exec(50, "/usr/bin/sudo -l"));
  observe(exec(51, SUDO, { cut: 4 }));
  observe(exec(52, "/usr/bin/sudo-rs id"));
  for (let i = 0; i < 3; i++) tick();
  assert.deepEqual(told, []);
});

Deno.test("SudoSessions know no program as sudo that has not the rights of root", () => {
  const { observe, told, sudo, tick } = watch();
  observe(exec(50, SUDO));
  for (let pid = 1000; pid < 1300; pid++) {
    observe(exec(pid, "/tmp/sudo cat /etc/shadow", { uid: 1000 }));
    observe(exec(pid, "/usr/bin/cat /etc/shadow", { uid: 1000 }));
    observe(exec(pid, "/tmp/true id", { uid: 1000, requested: "/tmp/sudo" }));
  }
  assert.equal(sudo.current, undefined);
  observe(exec(50, COMMAND));
  for (let i = 0; i < 3; i++) tick();
  assert.deepEqual(told, [DONE]);
});

Deno.test("SudoSessions know sudo by either name, and keep a bounded number of calls", () => {
  const { observe, told } = watch();
  for (let pid = 1000; pid < 1256; pid++) {
    observe(exec(pid, "/opt/real id", { requested: "/usr/bin/sudo" }));
  }
  assert.deepEqual(told, []);
  observe(exec(1256, SUDO));
  assert.deepEqual(told.map(({ pid, outcome }) => [pid, outcome]), [[1000, "unknown"]]);
});
