/** Who really did it: what events tell of where a process comes from, and of sudo. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { compileFolder } from "./harness/c_program.ts";
import { at, parseEvents } from "./harness/events.ts";
import type { JsonEvent } from "./harness/expected.ts";
import { kernelTest } from "./harness/kernel.ts";
import { folderForSetuid } from "./harness/load.ts";
import { output, run, until } from "./harness/process.ts";

const NOBODY = 65534;
const LOGIN = 4321;
/** The kernel's loginuid of what no login started. */
const NO_LOGIN = "4294967295";
/** At the end of each last argument: the tests of somebody else may run beside these. */
const OWN = `-of-${Deno.pid}`;

/** What is told of a command and all that it starts, and what the command printed. */
async function watch(command: readonly string[]): Promise<readonly [readonly JsonEvent[], string]> {
  await using agent = await Agent.start({ args: ["--output=json"], stdout: "collected" });
  const printed = await output(command);
  const { stdout } = await agent.stop();
  return [parseEvents(stdout), printed];
}

/** The last successful exec with this, and OWN behind it, as its last argument. */
function execOf(events: readonly JsonEvent[], argument: string): JsonEvent {
  const found = events.findLast((event) =>
    at(event, "event.action") === "exec" && at(event, "event.outcome") === "success" &&
    lastArgument(event) === argument + OWN
  );
  assert.ok(found, `There is no exec with ${argument}`);
  return found;
}

function lastArgument(event: JsonEvent): string | undefined {
  return (at(event, "process.args") as readonly string[] | undefined)?.at(-1);
}

/** What the kernel keeps of a login, after it was set; undefined where it keeps none. */
async function setLogin(): Promise<readonly string[] | undefined> {
  const script =
    `echo ${LOGIN} >/proc/self/loginuid && cat /proc/self/loginuid /proc/self/sessionid`;
  const { code, stdout } = await run(["sh", "-c", script]);
  return code === 0 ? stdout.match(/\d+/g) ?? undefined : undefined;
}

kernelTest("events tell who logged in, where the kernel keeps that", async () => {
  if (await setLogin() === undefined) {
    const [events] = await watch(["/bin/true", `no-login${OWN}`]);
    assert.equal(at(execOf(events, "no-login"), "ebpf_agent.login"), undefined);
    return;
  }
  const script = `echo ${LOGIN} >/proc/self/loginuid; read session </proc/self/sessionid; ` +
    `echo $session; /bin/true login-user${OWN}`;
  const [events, session] = await watch(["sh", "-c", script]);
  assert.deepEqual(at(execOf(events, "login-user"), "ebpf_agent.login"), {
    user: { id: String(LOGIN) },
    session: Number(session),
  });
});

kernelTest(
  "events tell the leader of the session and the terminal, or that there is none",
  async () => {
    const [events] = await watch(["setsid", "--wait", "/bin/true", `own-session${OWN}`]);
    const exec = execOf(events, "own-session");
    assert.equal(at(exec, "process.session_leader.pid"), at(exec, "process.pid"));
    assert.equal(at(exec, "process.tty"), undefined);
    assert.equal(at(exec, "ebpf_agent.tty"), undefined);

    const [withTerminal, printed] = await watch([
      ...["script", "--quiet", "--return", "--command"],
      `tty; /bin/true in-terminal${OWN}`,
      "/dev/null",
    ]);
    const [, name = "", minor] = /\/dev\/(pts\/(\d+))/.exec(printed) ?? [];
    const inTerminal = execOf(withTerminal, "in-terminal");
    assert.equal(at(inTerminal, "ebpf_agent.tty"), name);
    assert.deepEqual(at(inTerminal, "process.tty"), {
      char_device: { major: 136, minor: Number(minor) },
    });
  },
);

kernelTest("events tell five ancestors, the parent first", async () => {
  const nested = (depth: number): string =>
    depth === 0
      ? `/bin/true innermost${OWN}`
      : `echo $$ >&2; sh -c "$(cat <<'${depth}'\n${nested(depth - 1)}; true\n${depth}\n)"; true`;
  const [events, printed] = await watch(["sh", "-c", `exec 2>&1; ${nested(5)}`]);
  const pids = printed.trim().split("\n").map(Number);
  const exec = execOf(events, "innermost");
  const ancestors = at(exec, "ebpf_agent.ancestors") as readonly { pid: number; name: string }[];
  assert.equal(ancestors.length, 5);
  // The innermost shell printed nothing.
  assert.deepEqual(ancestors.slice(1).map(({ pid }) => pid), pids.toReversed().slice(0, 4));
  assert.deepEqual(ancestors.map(({ name }) => name), Array(5).fill("sh"));
  assert.deepEqual(at(exec, "process.parent"), { pid: ancestors[0]?.pid, name: "sh" });
});

kernelTest("a change of user tells its origin like an exec", async () => {
  const [events] = await watch([
    ...["sh", "-c", `setpriv --reuid=${NOBODY} --clear-groups /bin/true changed${OWN}; true`],
  ]);
  const exec = execOf(events, "changed");
  const change = events.find((event) =>
    at(event, "event.action") === "setuid" && at(event, "process.pid") === at(exec, "process.pid")
  ) ?? {};
  for (const path of ["process.parent", "process.session_leader", "ebpf_agent.ancestors"]) {
    assert.notEqual(at(change, path), undefined, path);
    assert.deepEqual(at(change, path), at(exec, path), path);
  }
});

kernelTest("events tell what runs in a process namespace of its own", async () => {
  const [events] = await watch([
    ...["sh", "-c", `/bin/true outside${OWN}; unshare --pid --fork /bin/true inside${OWN}`],
  ]);
  assert.equal(at(execOf(events, "outside"), "ebpf_agent.container"), undefined);
  assert.equal(at(execOf(events, "inside"), "ebpf_agent.container"), true);
});

kernelTest("sudo is told as an outcome: who, as whom, what, or that it was refused", async () => {
  const program = await compileFolder("test/sudo", "sudo");
  const folder = await Deno.makeTempDir({ dir: await folderForSetuid() });
  try {
    await Deno.chmod(folder, 0o755);
    await Deno.copyFile(program, `${folder}/sudo`);
    await Deno.chmod(`${folder}/sudo`, 0o4755);
    await assertSudoTold(`${folder}/sudo`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function assertSudoTold(sudo: string): Promise<void> {
  await using agent = await Agent.start({ args: ["--output=json"], stdout: "collected" });
  const asNobody = ["setpriv", `--reuid=${NOBODY}`, "--clear-groups", sudo, "-p"];
  const ways = ["exec", "child", "terminal"];
  for (const way of ways) await output([...asNobody, way, "/bin/true", `by-${way}${OWN}`]);
  await run([...asNobody, "refuse", "/bin/true", `by-nobody${OWN}`]);
  const caller = await callerToldFor("nobody");
  const refusal = `sudo: ${caller} → root: refused: /bin/true by-nobody${OWN} `;
  await until("the refusal is told", () => agent.stderr.includes(refusal) || undefined);
  const { stdout, stderr } = await agent.stop();
  const events = parseEvents(stdout);
  for (const way of ways) {
    const exec = execOf(events, `by-${way}`);
    assert.deepEqual(at(exec, "ebpf_agent.sudo"), { user: caller, target: "root" }, way);
    const program = at(exec, "process.executable");
    const line = `sudo: ${caller} → root: ${program} by-${way}${OWN} outcome=`;
    assert.equal(stderr.split(line).length, 2, stderr);
  }
  const told = stderr.split("\n").filter((line) => line.includes(" sudo: ") && line.includes(OWN));
  assert.equal(told.length, ways.length + 1, stderr);
  const helper = events.find((event) =>
    at(event, "ebpf_agent.sudo") !== undefined && lastArgument(event) === "nullok"
  );
  assert.equal(helper, undefined, "helpers of sudo are not commands");
}

const AS_NOBODY = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`;
/** A call of the real sudo: the argument that it is known by, the rest, and what is told of it. */
type Call = readonly [name: string, call: string, told: string];
const CALLS: readonly Call[] = [
  ["root", "sudo -n /bin/true", "root → root success"],
  ["user", "sudo -n -u nobody /bin/true", "root → nobody success"],
  ["number", `sudo -n --user=#${NOBODY} A=1 true`, "root → nobody success"],
  ["shell", "sudo -n -s /bin/true", "root → root success"],
  ["absent", "sudo -n /bin/absent", "root → root refused"],
  ["stranger", `${AS_NOBODY} sudo -n /bin/true`, "nobody → root refused"],
];
const IN_TERMINAL = CALLS.map(([name, ...rest]): Call => [`${name}-in-terminal`, ...rest]);
/** Not in a terminal, whose end would be the command's. */
const BACKGROUND: Call = ["background", "sudo -n -b -u nobody true", "root → nobody success"];

kernelTest("the real sudo is told as an outcome, whichever way it runs a command", async () => {
  await using agent = await Agent.start({ args: ["--output=json"], stdout: "collected" });
  await run(["sh", "-c", scriptOf([...CALLS, BACKGROUND])]);
  await run(["script", "--quiet", "--command", scriptOf(IN_TERMINAL), "/dev/null"]);
  const calls = [...CALLS, ...IN_TERMINAL, BACKGROUND];
  const isTold = () => outcomesIn(agent.stderr).length >= calls.length || undefined;
  await until("every call is told", isTold);
  const { stdout, stderr } = await agent.stop();
  const expected = await Promise.all(calls.map(async ([name, , told]) => {
    const [caller = "", target] = told.split(" → ");
    return `${name} ${await callerToldFor(caller)} → ${target}`;
  }));
  assert.deepEqual(outcomesIn(stderr).sort(), expected.sort());
  const events = parseEvents(stdout);
  for (const name of ["user", "user-in-terminal", "background"]) {
    const users = { user: await callerToldFor("root"), target: "nobody" };
    assert.deepEqual(at(execOf(events, name), "ebpf_agent.sudo"), users, name);
  }
});

function scriptOf(calls: readonly Call[]): string {
  return calls.map(([name, call]) => `${call} ${name}${OWN}`).join("; ");
}

/** Who is told to have called sudo: where these tests run in a login, it is who logged in. */
async function callerToldFor(user: string): Promise<string> {
  const login = await Deno.readTextFile("/proc/self/loginuid").catch(() => NO_LOGIN);
  return login === NO_LOGIN ? user : (await output(["id", "-nu", login])).trim();
}

/** What is told of the calls of this test, as `name user → target outcome`. */
function outcomesIn(stderr: string): string[] {
  const lines = stderr.split("\n").filter((line) => line.includes(" sudo: ") && line.includes(OWN));
  return lines.map((line) => {
    const [, users = line, name] = / sudo: (\S+ → \S+): .* (\S+)-of-\d+ outcome=/.exec(line) ?? [];
    return `${name} ${users} ${/ outcome=(\w+)/.exec(line)?.[1]}`;
  });
}
