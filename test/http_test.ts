/** Strangers at the agent's port: it goes on. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { encodeText } from "./harness/bytes.ts";
import { sample } from "./harness/metrics.ts";
import { finalLedger } from "./harness/final_ledger.ts";
import { violations } from "./harness/ledger.ts";

kernelTest("HTTP: pages, unknown paths and other methods", async () => {
  await using agent = await Agent.start();
  const cases = [
    ["GET", "/", 200],
    ["GET", "/metrics", 200],
    ["HEAD", "/metrics", 200],
    ["GET", "/healthz", 200],
    ["GET", "/readyz", 200],
    ["GET", "/unknown", 404],
    ["GET", "/metrics/", 404],
    ["GET", "/../etc/passwd", 404],
    ["POST", "/metrics", 405],
    ["DELETE", "/", 405],
    ["OPTIONS", "/metrics", 405],
  ] as const;
  for (const [method, path, status] of cases) {
    const response = await fetch(agent.url + path, { method });
    const body = await response.text();
    assert.equal(response.status, status, `${method} ${path}: ${body}`);
    if (method === "HEAD") assert.equal(body, "");
    if (status === 405) assert.equal(response.headers.get("allow"), "GET, HEAD");
  }
});

kernelTest("HTTP: --web.telemetry-path moves the metrics", async () => {
  await using agent = await Agent.start({ args: ["--web.telemetry-path=/m"] });
  const moved = await fetch(`${agent.url}/m`);
  assert.match(await moved.text(), /^sys_clone_calls_total \d+$/m);
  const old = await fetch(`${agent.url}/metrics`);
  await old.body?.cancel();
  assert.equal(old.status, 404);
});

kernelTest(
  "HTTP: an endless header, garbage and 200 idle connections do not stop the agent",
  async () => {
    await using agent = await Agent.start();
    const { hostname, port } = new URL(agent.url);
    const connect = () => Deno.connect({ hostname, port: Number(port) });
    const idle = await Promise.all(Array.from({ length: 200 }, connect));
    try {
      assert.equal(sample(await agent.metrics(), "ebpf_agent_ledger_balanced"), 1);
      await sendEndlessHeader(await connect());
      await sendGarbage(await connect());
      assert.equal(sample(await agent.metrics(), "ebpf_agent_ledger_balanced"), 1);
    } finally {
      for (const connection of idle) connection.close();
    }
    const end = await agent.stop();
    assert.equal(end.code, 0, end.stderr);
    assert.deepEqual(violations(finalLedger(end.stderr)), []);
  },
);

kernelTest("HTTP: idle connections do not hold up the end", async () => {
  await using agent = await Agent.start();
  const { hostname, port } = new URL(agent.url);
  const idle = await Deno.connect({ hostname, port: Number(port) });
  await idle.write(encodeText("GET /metrics HTTP/1.1\r\nhost: a\r\n"));
  const end = await agent.stop();
  idle.close();
  assert.equal(end.code, 0, end.stderr);
});

/** Sends header lines until the agent has had enough; it has to, long before 64 MiB. */
async function sendEndlessHeader(connection: Deno.Conn): Promise<void> {
  const line = encodeText(`x-endless: ${"a".repeat(1000)}\r\n`);
  let sent = 0;
  try {
    await connection.write(encodeText("GET /metrics HTTP/1.1\r\nhost: a\r\n"));
    while (sent < 64 << 20) sent += await connection.write(line);
  } catch {
    // It closed the connection.
  } finally {
    connection.close();
  }
  assert.ok(sent < 64 << 20, `the agent took ${sent} bytes of header`);
}

async function sendGarbage(connection: Deno.Conn): Promise<void> {
  await connection.write(Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 256));
  await connection.read(new Uint8Array(4096)).catch(() => null);
  connection.close();
}
