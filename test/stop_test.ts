/** However it is ended, the agent prints a ledger that closes, and exits with 0. @module */
import assert from "node:assert/strict";
import { Agent, agentCommand, inheritedEnvironment } from "./harness/agent.ts";
import { assertClosed } from "./harness/final_ledger.ts";
import { kernelTest } from "./harness/kernel.ts";
import { Load } from "./harness/load.ts";
import { type Ended, run, shellQuoted, until } from "./harness/process.ts";

/** Runs a command on a terminal of its own, but for its messages, and closes that after a second. */
const ON_TERMINAL = `
import os, pty, sys, time
messages = os.dup(2)
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(messages, 2)
    os.execvp(sys.argv[1], sys.argv[1:])
time.sleep(1)
os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
const LOCAL = "--web.listen-address=127.0.0.1:0";

kernelTest("SIGTERM ends as SIGINT does", async () => {
  await using agent = await Agent.start();
  agent.signal("SIGTERM");
  assertClosed(await agent.end());
});

kernelTest("signals that were ignored at the start end it all the same", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    await using agent = await Agent.start({
      wrap: ["sh", "-c", 'trap "" INT TERM; exec "$@"', "sh"],
    });
    agent.signal(signal);
    assertClosed(await agent.end());
  }
});

kernelTest("--duration ends by itself", async () => {
  await using agent = await Agent.start({ args: ["--duration=3s"] });
  assertClosed(await agent.end());
});

kernelTest("a reader that has seen enough ends it: | head -5", async () => {
  const ended = await underLoad('"$@" | head -5; exit "${PIPESTATUS[0]}"');
  assert.equal(ended.stdout.split("\n").length, 6, ended.stdout);
  assertClosed(ended);
});

kernelTest("a reader that is gone before the first event ends it", async () => {
  assertClosed(await underLoad('"$@" | true; exit "${PIPESTATUS[0]}"'));
});

kernelTest("a reader that goes while nothing is written ends it", async () => {
  assertClosed(await atRest(["bash", "-c", '"$@" | true; exit "${PIPESTATUS[0]}"', "bash"]));
});

kernelTest("a terminal that is closed ends it", async () => {
  assertClosed(await atRest(["python3", "-c", ON_TERMINAL]));
});

kernelTest("a full disk behind stdout drops events, and counts them", async () => {
  await using load = await Load.create();
  const full = run(["bash", "-c", '"$@" >/dev/full', "bash", ...command("--duration=2s")], {
    env: inheritedEnvironment(),
  });
  let ended = false;
  full.finally(() => ended = true).catch(() => {});
  await until("it ends", async () => {
    await load.run("burst=1000");
    return ended ? true : undefined;
  });
  const ledger = assertClosed(await full);
  assert.deepEqual(ledger.open.emitted, 0, JSON.stringify(ledger.open));
  assert.ok(ledger.open.dropped > 0, JSON.stringify(ledger.open));
});

kernelTest("without any stdout it goes on and counts", async () => {
  const ended = await run(["bash", "-c", '"$@" >&-', "bash", ...command("--duration=1s")], {
    env: inheritedEnvironment(),
  });
  assertClosed(ended);
});

kernelTest(
  "while what is queued waits to be written it is alive, and not ready any more",
  async () => {
    await using load = await Load.create();
    await using agent = await Agent.start({ args: ["--output=json"], stdout: "blocked" });
    // More than finds room in a pipe: the rest is queued.
    await load.run("burst=2000");
    agent.signal("SIGTERM");
    await until(
      "it is not ready",
      async () => await statusOf(agent, "/readyz") === 503 || undefined,
    );
    assert.equal(await statusOf(agent, "/healthz"), 200);
    assertClosed(await agent.end());
  },
);

kernelTest("on a terminal it says first what it does and how to end it", async () => {
  const script = shellQuoted(command("--duration=300ms", "--output=none"));
  const { stdout } = await run(["script", "-qec", script, "/dev/null"], {
    env: inheritedEnvironment(),
  });
  assert.equal(
    stdout.split("\r\n")[0],
    "Monitoring process creation, program execution and file opens... Press Ctrl+C to exit.",
  );
});

kernelTest("a listener that others can reach is warned about", async () => {
  // In a network of its own, where there is nobody.
  const warned = await run(
    ["unshare", "--net", ...agentCommand(), "run", "--web.listen-address=:0", "--duration=300ms"],
    { env: inheritedEnvironment() },
  );
  assert.equal(warned.code, 0, warned.stderr);
  assert.match(warned.stderr, /WARN.*loopback/);
});

async function statusOf({ url }: Agent, path: string): Promise<number> {
  const response = await fetch(url + path);
  await response.body?.cancel();
  return response.status;
}

function command(...options: readonly string[]): readonly string[] {
  return [...agentCommand(), "run", LOCAL, ...options];
}

/** Runs the agent in a script of bash, with something to tell until it ends. */
/** Nothing to deliver, and no end but the one that the wrapping makes. */
function atRest(wrap: readonly string[]): Promise<Ended> {
  const timed = ["timeout", "--foreground", "30", ...command("--events=none")];
  return run([...wrap, ...timed], { env: inheritedEnvironment(), timeoutMs: 45_000 });
}

async function underLoad(script: string): Promise<Ended> {
  await using load = await Load.create();
  const running = run(["bash", "-c", script, "bash", ...command("--duration=30s")], {
    env: inheritedEnvironment(),
    timeoutMs: 45_000,
  });
  let ended = false;
  running.finally(() => ended = true).catch(() => {});
  await until("the agent ends", async () => {
    await load.run("burst=2000");
    return ended ? true : undefined;
  }, 25_000);
  return await running;
}
