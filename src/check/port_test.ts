/** Whether addresses can be listened on, tried with real ones. @module */
import assert from "node:assert/strict";
import { portRequirement } from "./port.ts";

Deno.test("portRequirement() is ok where every address is free, and leaves them free", async () => {
  const { port } = freeAddress();
  const listen = [{ host: "127.0.0.1", port }];
  for (let time = 0; time < 2; time++) {
    const { status, found } = await portRequirement(listen);
    assert.deepEqual([status, found], ["ok", `127.0.0.1:${port} can be listened on`]);
  }
});

Deno.test("portRequirement() names the address that is taken", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const { status, found, remedy } = await portRequirement([
    { host: "127.0.0.1", port: 0 },
    { host: "127.0.0.1", port },
  ]);
  assert.equal(status, "degraded");
  assert.match(found, new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`));
  assert.match(remedy ?? "", /--web\.listen-address/);
});

function freeAddress(): Deno.NetAddr {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr as Deno.NetAddr;
}
