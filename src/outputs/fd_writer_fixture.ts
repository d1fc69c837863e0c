/**
 * A program that writes opens to its standard output as the agent does, and tells on standard error
 * what became of them. Arguments: how many, and whether it holds back where nothing is read.
 * @module
 */
import { openStdoutWriter } from "./fd_writer.ts";
import { CLOCK, openRecord } from "./record_fixture.ts";
import { StdoutOutput } from "./stdout.ts";
import { createTextFormat } from "./text.ts";

const CLOSE_MS = 300;
/** How long it goes on afterwards: long enough for a write that was not given up to show. */
const LINGER_MS = 300;
const BATCH = 1000;

const count = Number(Deno.args[0]);
const patient = Deno.args[1] === "patient";
const { view, at, size } = openRecord({}, { path: "/etc/passwd" });

const writer = openStdoutWriter();
const output = new StdoutOutput({
  name: "stdout",
  format: createTextFormat(CLOCK),
  write: (bytes) => writer.write(bytes),
  abandon: () => writer[Symbol.dispose](),
  bufferSize: 256 * 1024,
});
for (let made = 0; made < count && !output.closed; made++) {
  output.accept(view, at, size);
  if (made % BATCH !== BATCH - 1) continue;
  output.flush();
  await new Promise((resolve) => void setTimeout(resolve, 0));
  if (patient && output.busy) await output.idle();
}
await output.close(CLOSE_MS);
const { emitted, dropped, queued } = output.counters();
const told = JSON.stringify({
  emitted: emitted.open,
  dropped: dropped.open,
  queued: queued.open,
  closed: output.closed,
});
Deno.stderr.writeSync(new TextEncoder().encode(`${told}\n`));
await new Promise((resolve) => void setTimeout(resolve, LINGER_MS));
Deno.exit(0);
