/** Standard output that is a pipe, a file or a device, in a process of its own. @module */
import assert from "node:assert/strict";
import { CLOCK, lineOf, openRecord } from "./record_fixture.ts";
import { createTextFormat } from "./text.ts";

const PROGRAM = new URL("./fd_writer_fixture.ts", import.meta.url).pathname;
const O_NONBLOCK = 0o4000;
const LINE = new TextDecoder().decode(
  lineOf(createTextFormat(CLOCK), openRecord({}, { path: "/etc/passwd" })),
);

interface Outcome {
  readonly emitted: number;
  readonly dropped: number;
  readonly queued: number;
  readonly closed: boolean;
}

/** Runs a shell script in which `writer` is the program, and returns its standard error. */
async function run(script: string, directory = ""): Promise<string> {
  const program = `"${Deno.execPath()}" run -A --no-check "${PROGRAM}"`;
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-c", script.replace("writer", program), "sh", directory],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr);
  assert.ok(success, text);
  return text;
}

function outcomeIn(text: string): Outcome {
  return JSON.parse(text.split("\n").find((line) => line.startsWith("{")) ?? assert.fail(text));
}

async function inTemporaryDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("openStdoutWriter() lets exactly the emitted lines be read from a pipe nobody read", async () => {
  await inTemporaryDirectory(async (directory) => {
    // Reads only once the program has told its counts, while it still runs.
    await run(
      `writer 20000 2> "$1/told" |
        { until [ -s "$1/told" ]; do sleep 0.01; done; cat > "$1/lines"; }`,
      directory,
    );
    const lines = (await Deno.readTextFile(`${directory}/lines`)).split("\n");
    assert.ok(LINE.startsWith(`${lines.pop()}`));
    assert.ok(lines.length > 100);
    assert.ok(lines.every((line) => `${line}\n` === LINE));
    const outcome = outcomeIn(await Deno.readTextFile(`${directory}/told`));
    assert.deepEqual(outcome, {
      emitted: lines.length,
      dropped: 20_000 - lines.length,
      queued: 0,
      closed: false,
    });
  });
});

Deno.test("openStdoutWriter() leaves a pipe that others write to as it is", async () => {
  const text = await run(
    `{ writer 10; while read -r name value; do echo "$name $value" >&2; done; } \
      < /proc/self/fdinfo/1 | cat`,
  );
  const flags = text.match(/^flags: (\d+)$/m)?.[1] ?? assert.fail(text);
  assert.equal(parseInt(flags, 8) & O_NONBLOCK, 0);
});

Deno.test("openStdoutWriter() writes everything to a pipe that is read", async () => {
  await inTemporaryDirectory(async (directory) => {
    const outcome = outcomeIn(await run(`writer 20000 patient | cat > "$1/lines"`, directory));
    assert.equal(await Deno.readTextFile(`${directory}/lines`), LINE.repeat(20_000));
    assert.deepEqual(outcome, { emitted: 20_000, dropped: 0, queued: 0, closed: false });
  });
});

Deno.test("openStdoutWriter() tells that nobody reads a pipe any more", async () => {
  const outcome = outcomeIn(await run("writer 1000000 | head -n 1"));
  assert.ok(outcome.closed);
  assert.equal(outcome.queued, 0);
  assert.ok(outcome.emitted > 0 && outcome.dropped > 0);
});

Deno.test("openStdoutWriter() writes to a file where the file stands, and to a device", async () => {
  await inTemporaryDirectory(async (directory) => {
    const text = await run(
      `{ echo before; writer 20000 patient; echo after; } > "$1/lines"`,
      directory,
    );
    const lines = await Deno.readTextFile(`${directory}/lines`);
    assert.equal(lines, `before\n${LINE.repeat(20_000)}after\n`);
    assert.deepEqual(outcomeIn(text), { emitted: 20_000, dropped: 0, queued: 0, closed: false });
  });
  const full = outcomeIn(await run("writer 20000 patient > /dev/full"));
  assert.deepEqual(full, { emitted: 0, dropped: 20_000, queued: 0, closed: false });
});

Deno.test("openStdoutWriter() writes to a socket what it takes, and waits for room", async () => {
  await inTemporaryDirectory(async (directory) => {
    const text = await run(
      `exec python3 -c '${INTO_SOCKET}' "$1/lines" writer 20000 patient`,
      directory,
    );
    assert.equal(await Deno.readTextFile(`${directory}/lines`), LINE.repeat(20_000));
    assert.deepEqual(outcomeIn(text), { emitted: 20_000, dropped: 0, queued: 0, closed: false });
  });
});

/** Runs a command whose standard output is a socket, and keeps what comes out of it in a file. */
const INTO_SOCKET = `
import socket, subprocess, sys
ours, theirs = socket.socketpair()
child = subprocess.Popen(sys.argv[2:], stdout=theirs)
theirs.close()
with open(sys.argv[1], "wb") as file:
    while data := ours.recv(65536):
        file.write(data)
sys.exit(child.wait())
`;
