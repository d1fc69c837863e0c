/** Serves the fixture's scrape on a free port of 127.0.0.1, for tests. @module */
import { createLog } from "../log.ts";
import { SCRAPE } from "../metrics/scrape_fixture.ts";
import { createHandler, type Handler } from "./routes.ts";
import { type HttpServer, serve, type ServeOptions } from "./server.ts";

export const HANDLER: Handler = createHandler({
  telemetryPath: "/metrics",
  version: "0.1.0",
  scrape: () => SCRAPE,
  status: () => ({ ready: true, live: true }),
  onError: (error) => {
    throw error;
  },
});

/** A server and the lines that it logged. */
export interface TestServer extends AsyncDisposable {
  readonly server: HttpServer;
  readonly address: HttpServer["addresses"][number];
  readonly url: string;
  readonly lines: readonly string[];
}

export function startServer(options: Partial<ServeOptions> = {}): TestServer {
  const lines: string[] = [];
  const server = serve({
    listen: [{ host: "127.0.0.1", port: 0 }],
    handler: HANDLER,
    log: createLog({ level: "debug", format: "text", write: (line) => lines.push(line) }),
    ...options,
  });
  const [address] = server.addresses;
  const url = `http://${address.host}:${address.port}`;
  return { server, address, url, lines, [Symbol.asyncDispose]: () => server.close() };
}

if (import.meta.main) {
  serve({
    listen: [{ host: "127.0.0.1", port: 0 }],
    handler: HANDLER,
    log: createLog({ level: "info", format: "text" }),
  });
}
