import { deepEqual, equal, match } from "node:assert/strict";
import { CONTENT_TYPES, expose } from "../metrics/exposition.ts";
import { FAMILIES } from "../metrics/families.ts";
import { SCRAPE } from "../metrics/scrape_fixture.ts";
import { createHandler, type HandlerOptions } from "./routes.ts";

function handlerWith(
  options: Partial<HandlerOptions> = {},
): (path: string, init?: RequestInit) => Response {
  const handler = createHandler({
    telemetryPath: "/metrics",
    version: "0.1.0",
    scrape: () => SCRAPE,
    status: () => ({ ready: true, live: true }),
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  return (path, init) => handler(new Request(`http://localhost:9110${path}`, init));
}

Deno.test("createHandler() answers the telemetry path in the format asked for", async () => {
  const request = handlerWith({ telemetryPath: "/custom/path" });
  for (const format of ["text", "openmetrics"] as const) {
    const response = request("/custom/path?x=1", { headers: { Accept: CONTENT_TYPES[format] } });
    equal(response.status, 200);
    equal(response.headers.get("Content-Type"), CONTENT_TYPES[format]);
    equal(response.headers.get("Vary"), "Accept");
    equal(await response.text(), expose(FAMILIES, SCRAPE, format));
  }
  equal(request("/metrics").status, 404);
});

Deno.test("createHandler() takes a telemetry path that a URL writes otherwise", () => {
  equal(handlerWith({ telemetryPath: "/métriques du jour" })("/métriques du jour").status, 200);
});

Deno.test("createHandler() lets the telemetry path stand before every other", async () => {
  match(await handlerWith({ telemetryPath: "/" })("/").text(), /^# HELP /);
});

Deno.test("createHandler() scrapes afresh for each request, and for no other page", () => {
  let scrapes = 0;
  const request = handlerWith({ scrape: () => (scrapes++, SCRAPE) });
  for (const path of ["/metrics", "/", "/healthz", "/readyz", "/nowhere", "/metrics"]) {
    request(path);
  }
  equal(scrapes, 2);
});

Deno.test("createHandler() says whether the agent is alive and ready", async () => {
  const words: string[] = [];
  for (const live of [true, false]) {
    for (const ready of [true, false]) {
      const request = handlerWith({ status: () => ({ live, ready }) });
      for (const path of ["/healthz", "/readyz"]) {
        const response = request(path);
        words.push(`${response.status} ${await response.text()}`);
      }
    }
  }
  deepEqual(words, [
    ...["200 ok\n", "200 ok\n"],
    ...["200 ok\n", "503 not ready\n"],
    ...["503 not alive\n", "200 ok\n"],
    ...["503 not alive\n", "503 not ready\n"],
  ]);
});

Deno.test("createHandler() knows no other path", () => {
  const request = handlerWith();
  const unknown = ["/metrics/", "/METRICS", "/healthz/x", "//metrics", "/favicon.ico", "/%2e"];
  for (const path of unknown.slice(0, -1)) equal(request(path).status, 404, path);
  // WHATWG URLs take "%2e" for a dot, as every client does before it asks.
  equal(request("/%2e").status, 200);
});

Deno.test("createHandler() allows GET and HEAD alone, on every path", () => {
  const request = handlerWith();
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"]) {
    for (const path of ["/metrics", "/", "/nowhere"]) {
      const response = request(path, { method });
      equal(response.status, 405, `${method} ${path}`);
      equal(response.headers.get("Allow"), "GET, HEAD");
    }
  }
});

Deno.test("createHandler() answers HEAD as GET, without the body", async () => {
  const request = handlerWith();
  for (const path of ["/metrics", "/", "/healthz", "/nowhere"]) {
    const get = request(path);
    const head = request(path, { method: "HEAD" });
    equal(head.status, get.status);
    deepEqual([...head.headers], [...get.headers]);
    equal(Number(head.headers.get("Content-Length")), (await get.bytes()).length);
    equal(head.body, null);
  }
});

Deno.test("createHandler() forbids guessing types and storing on every response", () => {
  const request = handlerWith();
  for (const path of ["/metrics", "/", "/healthz", "/readyz", "/nowhere"]) {
    const { headers } = request(path);
    equal(headers.get("X-Content-Type-Options"), "nosniff", path);
    equal(headers.get("Cache-Control"), "no-store", path);
  }
});

Deno.test("createHandler() hands an error to the log and not to the client", async () => {
  const errors: unknown[] = [];
  const error = new Error("the map is gone");
  const scrape = () => {
    throw error;
  };
  const response = handlerWith({ scrape, onError: (error) => errors.push(error) })("/metrics");
  equal(response.status, 500);
  equal(await response.text(), "Internal error: the agent's log tells more\n");
  deepEqual(errors, [error]);
});

Deno.test("createHandler() shows a page at / whose links lead somewhere", async () => {
  const telemetryPath = `/m"><script>alert(1)</script>`;
  const request = handlerWith({ telemetryPath, version: "1.2.3<b>" });
  const response = request("/");
  equal(response.headers.get("Content-Type"), "text/html; charset=utf-8");
  match(response.headers.get("Content-Security-Policy") ?? "", /^default-src 'none';/);
  const html = await response.text();
  match(html, /<h1>ebpf-agent 1\.2\.3&#60;b&#62;<\/h1>/);
  equal(/<(script|style|link|img)|\b(src|on\w+)=|https?:/i.test(html), false, html);
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) =>
    link.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  );
  deepEqual(links, [telemetryPath, "/healthz", "/readyz"]);
  for (const link of links) equal(request(link).status, 200, link);
});
