/** Sleeping beside Deno's own event loop. @module */
import assert from "node:assert/strict";
import { openLibc } from "../kernel/libc.ts";
import { EventLoop } from "./event_loop.ts";

const LONG_MS = 60_000;

function forgetWhatWas(loop: EventLoop): void {
  while (loop.isNeeded());
}

Deno.test("sleep() lasts as long as nothing happens", () => {
  using libc = openLibc();
  using loop = new EventLoop(libc);
  forgetWhatWas(loop);
  assert.equal(loop.sleep(20), false);
  assert.equal(loop.isNeeded(), false);
});

Deno.test("sleep() ends where the event loop is needed, for a request as for a child", async () => {
  using libc = openLibc();
  using loop = new EventLoop(libc);
  assert.ok(loop.isWatched);
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("answer"),
  );
  const { port } = server.addr as Deno.NetAddr;
  const client = new Deno.Command("bash", {
    args: [
      "-c",
      `sleep 0.2; exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`,
    ],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const answer = new Response(client.stdout).text();
  await new Promise((resolve) => setTimeout(resolve, 20));
  forgetWhatWas(loop);
  assert.ok(loop.sleep(LONG_MS), "the request");
  assert.match(await answer, /answer/);
  assert.ok((await client.status).success);
});
