/** What each path answers: metrics, health and the landing page, as a pure function. @module */
import { CONTENT_TYPES, expose } from "../metrics/exposition.ts";
import { FAMILIES } from "../metrics/families.ts";
import type { Scrape } from "../metrics/family.ts";
import { negotiateFormat } from "./accept.ts";
import { landingPage } from "./landing.ts";

/** How the agent is, as health checks ask. */
export interface AgentStatus {
  /** Its probes are attached, and it was not told to stop. */
  readonly ready: boolean;
  /** Its loop ticks. */
  readonly live: boolean;
}

export type Handler = (request: Request) => Response;

export interface HandlerOptions {
  /** Begins with a slash. */
  readonly telemetryPath: string;
  readonly version: string;
  /** Reads everything afresh. */
  readonly scrape: () => Scrape;
  readonly status: () => AgentStatus;
  /** Takes what was thrown while a request was answered; the client is told nothing of it. */
  readonly onError: (error: unknown) => void;
}

/** What a path answers. */
interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Route = (request: Request) => Page;

/** Makes the one handler for all requests; it never throws. */
export function createHandler(options: HandlerOptions): Handler {
  const routes = routesOf(options);
  return (request) => {
    try {
      return respond(request, answer(request, routes));
    } catch (error) {
      options.onError(error);
      return respond(request, plain(500, "Internal error: the agent's log tells more"));
    }
  };
}

function routesOf(options: HandlerOptions): ReadonlyMap<string, Route> {
  const { telemetryPath, version, scrape, status } = options;
  const landing: Page = {
    status: 200,
    contentType: "text/html; charset=utf-8",
    body: landingPage({ version, telemetryPath }),
    headers: {
      "Content-Security-Policy":
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
  };
  return new Map<string, Route>([
    ["/", () => landing],
    ["/healthz", () => health(status().live, "not alive")],
    ["/readyz", () => health(status().ready, "not ready")],
    [pathOf(`http://localhost${telemetryPath}`) ?? telemetryPath, (request) => {
      const format = negotiateFormat(request.headers.get("Accept"));
      return {
        status: 200,
        contentType: CONTENT_TYPES[format],
        body: expose(FAMILIES, scrape(), format),
        headers: { Vary: "Accept" },
      };
    }],
  ]);
}

function answer(request: Request, routes: ReadonlyMap<string, Route>): Page {
  if (request.method !== "GET" && request.method !== "HEAD") {
    const page = plain(405, "Method not allowed: use GET or HEAD");
    return { ...page, headers: { Allow: "GET, HEAD" } };
  }
  const path = pathOf(request.url);
  if (path === undefined) return plain(400, "Bad request: its Host header is no host");
  return routes.get(path)?.(request) ?? plain(404, "Not found: see /");
}

/** Undefined where the server made a URL of a Host header that is none. */
function pathOf(url: string): string | undefined {
  return URL.parse(url)?.pathname;
}

function health(well: boolean, otherwise: string): Page {
  return well ? plain(200, "ok") : plain(503, otherwise);
}

function plain(status: number, text: string): Page {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}

function respond(request: Request, { status, contentType, body, headers }: Page): Response {
  const bytes = new Uint8Array(new TextEncoder().encode(body));
  return new Response(request.method === "HEAD" ? null : bytes, {
    status,
    headers: {
      "Content-Type": contentType,
      // Said here for HEAD's sake: the server would take the missing body for an empty one.
      "Content-Length": String(bytes.length),
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...headers,
    },
  });
}
