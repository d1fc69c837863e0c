import { equal, match, rejects } from "node:assert/strict";
import { exchange, RawClient } from "./client_fixture.ts";
import { startServer, type TestServer } from "./server_fixture.ts";

Deno.test("serve() goes on after requests that are none", async () => {
  await using running = startServer();
  const cases: Readonly<Record<string, RegExp>> = {
    "GET /nowhere HTTP/1.1\r\nHost: x": /^HTTP\/1\.1 404 /,
    "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0": /^HTTP\/1\.1 405 /,
    "OPTIONS * HTTP/1.1\r\nHost: x": /^HTTP\/1\.1 405 /,
    "TRACE / HTTP/1.1\r\nHost: x": /^HTTP\/1\.1 405 /,
    "CONNECT other:1 HTTP/1.1\r\nHost: x": /^HTTP\/1\.1 405 /,
    "GET /metrics HTTP/1.1\r\nHost: [": /^HTTP\/1\.1 400 /,
    "GET /metrics HTTP/1.1\r\nHost: a b": /^HTTP\/1\.1 400 /,
    "GET /metrics HTTP/1.1": /^HTTP\/1\.1 200 /,
    "GET http://elsewhere/metrics HTTP/1.1\r\nHost: x": /^HTTP\/1\.1 200 /,
    "GET /%zz HTTP/1.1\r\nHost: x": /^HTTP\/1\.1 404 /,
    "\u0016\u0003\u0001\u0002": /^(HTTP\/1\.1 400 |$)/,
  };
  for (const [request, response] of Object.entries(cases)) {
    match(await exchange(running.address, `${request}\r\nConnection: close\r\n\r\n`), response);
  }
  await answers(running);
});

Deno.test("serve() ends a header that does not end", async () => {
  await using running = startServer();
  using client = await RawClient.connect(running.address);
  await client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Endless: ");
  const piece = "a".repeat(65_536);
  await rejects(async () => {
    for (let sent = 0; sent < 16 * 1024 * 1024; sent += piece.length) await client.send(piece);
  }, /(Connection reset|Broken pipe)/);
  await answers(running);
});

Deno.test("serve() ends a request of endless headers", async () => {
  await using running = startServer();
  using client = await RawClient.connect(running.address);
  await client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n");
  const lines = Array.from({ length: 1000 }, (_, index) => `X-${index}: x\r\n`).join("");
  await rejects(async () => {
    for (let sent = 0; sent < 16 * 1024 * 1024; sent += lines.length) await client.send(lines);
  }, /(Connection reset|Broken pipe)/);
  await answers(running);
});

Deno.test("serve() answers beside 200 idle connections, and closes over them", async () => {
  const running = startServer();
  using clients = new DisposableStack();
  for (let index = 0; index < 200; index++) {
    const client = clients.use(await RawClient.connect(running.address));
    if (index % 2 === 1) await client.send("GET /metrics HTTP/1.1\r\nHost");
  }
  await answers(running);
  await running.server.close();
});

Deno.test("serve() goes on when clients leave half way", async () => {
  await using running = startServer();
  for (let index = 0; index < 20; index++) {
    using inRequest = await RawClient.connect(running.address);
    await inRequest.send("GET /metrics HTTP/1.1\r\nHos");
    using inBody = await RawClient.connect(running.address);
    await inBody.send("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab");
    using inResponse = await RawClient.connect(running.address);
    await inResponse.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50));
  }
  await answers(running);
});

Deno.test("serve() closes over a client that reads nothing of many responses", async () => {
  const running = startServer();
  using client = await RawClient.connect(running.address);
  // More than the sockets' buffers hold, so that responses are under way while it closes.
  const sending = client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4000))
    .catch(() => {});
  await answers(running);
  await running.server.close();
  await sending;
});

Deno.test("serve() answers while a flood holds every descriptor", async () => {
  await using flooded = new FloodedServer();
  const port = Number(await flooded.line(/^Listening on .*:(\d+)$/));
  using clients = new DisposableStack();
  await rejects(async () => {
    for (;;) clients.use(await RawClient.connect({ host: "127.0.0.1", port }));
  }, /Connection (refused|reset)/);
  await flooded.line(/ WARN +Cannot accept a connection on .*(Too many open files)/);
  const health = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
  let answer = await health().catch(() => "");
  // Until it listens again.
  while (answer === "") answer = await health().catch(() => "");
  equal(answer, "ok\n");
});

async function answers({ url }: TestServer): Promise<void> {
  const response = await fetch(`${url}/metrics`);
  equal(response.status, 200);
  match(await response.text(), /\nprocess_max_fds 20000\n$/);
}

/** The fixture's server in a process that may have few descriptors. */
class FloodedServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor() {
    const fixture = new URL("server_fixture.ts", import.meta.url).href;
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", `ulimit -n 64; exec "$0" "$@"`, Deno.execPath(), "run", "--allow-all", fixture],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#lines = this.#child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits for a line of the log that matches, and returns its first group. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        const found = pattern.exec(line)?.[1];
        if (found !== undefined) return found;
        continue;
      }
      const { value, done } = await this.#lines.read();
      if (done) throw new Error(`The server ended before it logged ${pattern}: ${this.#rest}`);
      this.#rest += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#lines.cancel();
    await this.#child.status;
  }
}
