import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import type { ListenAddress } from "../cli/listen_address.ts";
import { AgentError, EXIT } from "../errors.ts";
import { createLog } from "../log.ts";
import { exchange, RawClient } from "./client_fixture.ts";
import { serve } from "./server.ts";
import { HANDLER, startServer } from "./server_fixture.ts";

const quiet = createLog({ level: "error", format: "text", write: () => {} });

Deno.test("serve() takes a free port for 0 and says which at every log level", async () => {
  const lines: string[] = [];
  await using server = serve({
    listen: [{ host: "127.0.0.1", port: 0 }, { host: "127.0.0.1", port: 0 }],
    handler: HANDLER,
    log: createLog({ level: "error", format: "text", write: (line) => lines.push(line) }),
  });
  const ports = server.addresses.map(({ port }) => port);
  equal(new Set(ports).size, 2);
  deepEqual(lines, ports.map((port) => `Listening on 127.0.0.1:${port}`));
  for (const port of ports) {
    equal(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text(), "ok\n");
  }
});

Deno.test("serve() listens on every interface, and warns of it", async () => {
  await using running = startServer({ listen: [{ host: undefined, port: 0 }] });
  const { server: { addresses: [{ host, port }] }, lines } = running;
  ok(host === "::" || host === "0.0.0.0", host);
  equal(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text(), "ok\n");
  if (host === "::") equal(await (await fetch(`http://[::1]:${port}/healthz`)).text(), "ok\n");
  match(lines.at(-1) ?? "", / WARN +Whoever can reach \S+ can read the metrics/);
});

Deno.test("serve() does not warn of loopback addresses", async () => {
  await using running = startServer({ listen: [{ host: "localhost", port: 0 }] });
  equal(running.lines.length, 1);
});

Deno.test("serve() is not led elsewhere by DENO_SERVE_ADDRESS", async () => {
  Deno.env.set("DENO_SERVE_ADDRESS", "tcp:0.0.0.0:0");
  try {
    await using running = startServer();
    equal(running.address.host, "127.0.0.1");
  } finally {
    Deno.env.delete("DENO_SERVE_ADDRESS");
  }
});

Deno.test("serve() explains why it cannot listen", async () => {
  await using running = startServer();
  const { port } = running.address;
  const cases: readonly (readonly [ListenAddress, string])[] = [
    [
      { host: "127.0.0.1", port },
      `Cannot listen on 127.0.0.1:${port}: the address is in use (EADDRINUSE). ` +
      "Stop what listens there, or choose another with --web.listen-address",
    ],
    [
      { host: undefined, port },
      `Cannot listen on :${port}: the address is in use (EADDRINUSE). ` +
      "Stop what listens there, or choose another with --web.listen-address",
    ],
    [
      // A block kept for documentation (RFC 5737).
      { host: "203.0.113.1", port: 0 },
      "Cannot listen on 203.0.113.1:0: no interface of this host has the address " +
      "(EADDRNOTAVAIL). Choose another with --web.listen-address",
    ],
  ];
  for (const [address, message] of cases) {
    throws(() => serve({ listen: [address], handler: HANDLER, log: quiet }), (error) => {
      ok(error instanceof AgentError);
      equal(error.message, message);
      equal(error.exitCode, EXIT.failed);
      ok(error.cause instanceof Error);
      return true;
    });
  }
});

Deno.test("serve() explains a host name that does not resolve", () => {
  // A label of more than 63 bytes is refused by the resolver itself: nobody is asked.
  const host = `${"a".repeat(64)}.invalid`;
  throws(
    () => serve({ listen: [{ host, port: 0 }], handler: HANDLER, log: quiet }),
    /: the host's name cannot be resolved \(.+\)\. Correct it, or write an IP address with --web/,
  );
});

Deno.test("serve() listens on all addresses or on none", async () => {
  await using running = startServer();
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const listen = [{ host: "127.0.0.1", port }, running.address];
  throws(() => serve({ listen, handler: HANDLER, log: quiet }), /EADDRINUSE/);
  await rejectsSoon(() => Deno.connect({ hostname: "127.0.0.1", port }));
});

Deno.test("close() frees the port", async () => {
  const running = startServer();
  await running.server.close();
  await running.server.close();
  const { hostname, port } = { hostname: running.address.host, port: running.address.port };
  await rejects(Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
  Deno.listen({ hostname, port }).close();
});

Deno.test("close() does not wait for connections that nothing comes from", async () => {
  const running = startServer();
  using idle = await RawClient.connect(running.address);
  using halfway = await RawClient.connect(running.address);
  await halfway.send("GET /metrics HTTP/1.1\r\nHos");
  using keptAlive = await RawClient.connect(running.address);
  await keptAlive.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await keptAlive.receive(/ok\n$/);
  await running.server.close();
  equal(await idle.receive(), "");
  equal(await halfway.receive(), "");
  match(await keptAlive.receive(), /^HTTP\/1\.1 200 OK\r\n/);
});

Deno.test("close() lets a response under way leave", async () => {
  const closing: Promise<void>[] = [];
  const running = startServer({
    handler: (request) => {
      closing.push(running.server.close());
      return HANDLER(request);
    },
  });
  const response = await exchange(running.address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  match(response, /^HTTP\/1\.1 200 OK\r\n[^]*\nprocess_max_fds 20000\n$/);
  await Promise.all(closing);
});

Deno.test("serve() says the length of the body for HEAD, and sends none", async () => {
  await using running = startServer();
  const rest = " /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const [, body] = (await exchange(running.address, `GET${rest}`)).split("\r\n\r\n");
  const [head, nothing] = (await exchange(running.address, `HEAD${rest}`)).split("\r\n\r\n");
  match(head, new RegExp(`^HTTP/1\\.1 200 OK\r\n(.*\r\n)*content-length: ${body.length}\r\n`, "i"));
  equal(nothing, "");
});

Deno.test("serve() logs what a handler throws", async () => {
  await using running = startServer({
    handler: () => {
      throw new Error("no answer");
    },
  });
  const response = await fetch(running.url);
  equal(response.status, 500);
  equal(await response.text(), "");
  match(running.lines.at(-1) ?? "", / ERROR Cannot answer a request on \S+: no answer$/);
});

/** Fails unless `act` rejects before long; a port is given back in a later turn of the loop. */
async function rejectsSoon(act: () => Promise<Disposable>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      using _ = await act();
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it still succeeds");
}
