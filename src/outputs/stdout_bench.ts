/** What an event costs from the ring to the queue, lines written out by the buffer. @module */
import { createJsonFormat } from "./json_lines.ts";
import { CLOCK, openRecord } from "./record_fixture.ts";
import { StdoutOutput } from "./stdout.ts";
import { createTextFormat } from "./text.ts";

const EVENTS = 1000;
const { view, at, size } = openRecord({ comm: "cat", pid: 1_234_567, ppid: 4321, uid: 1000 }, {
  path: "/usr/lib/x86_64-linux-gnu/libc.so.6",
  flags: 0o2000000,
});

for (const [name, create] of Object.entries({ text: createTextFormat, JSON: createJsonFormat })) {
  const output = new StdoutOutput({
    name: "nowhere",
    format: create(CLOCK),
    write: (bytes) => Promise.resolve(bytes.length),
  });
  Deno.bench(`${name}: ${EVENTS} opens`, async () => {
    for (let event = 0; event < EVENTS; event++) output.accept(view, at, size);
    output.flush();
    await output.idle();
  });
}
