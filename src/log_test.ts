import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createLog, escapeControls, type Fields, type Log, type LogOptions } from "./log.ts";

const AT = new Date("2026-11-21T20:09:42.123Z");

function linesOf(options: Partial<LogOptions>, act: (log: Log) => void): string[] {
  const lines: string[] = [];
  act(
    createLog({
      level: "info",
      format: "text",
      now: () => AT,
      write: (line) => lines.push(line),
      ...options,
    }),
  );
  return lines;
}

Deno.test("createLog() writes time, level, message and fields in text", () => {
  deepEqual(
    linesOf({}, (log) => {
      log.info("Serving metrics", { address: "127.0.0.1:9110", probes: 4, loopback: true });
      log.error("Stopped");
    }),
    [
      "2026-11-21T20:09:42.123Z INFO  Serving metrics address=127.0.0.1:9110 probes=4 loopback=true",
      "2026-11-21T20:09:42.123Z ERROR Stopped",
    ],
  );
});

Deno.test("createLog() keeps back what is below its level", () => {
  const everything = (log: Log) => {
    log.debug("d");
    log.info("i");
    log.warn("w");
    log.error("e");
    log.print("p");
  };
  const shown = (level: LogOptions["level"]) =>
    linesOf({ level }, everything).map((line) => line.slice(-1)).join("");
  equal(shown("debug"), "diwep");
  equal(shown("info"), "iwep");
  equal(shown("warn"), "wep");
  equal(shown("error"), "ep");
});

Deno.test("createLog() takes another level while it is in use", () => {
  const lines: string[] = [];
  const log = createLog({ level: "warn", format: "journal", write: (line) => lines.push(line) });
  log.info("one");
  log.setLevel("debug");
  log.debug("two");
  log.setLevel("error");
  log.warn("three");
  deepEqual(lines, ["<7>two"]);
});

Deno.test("createLog() prints bare in text, and as an object in JSON", () => {
  deepEqual(linesOf({ level: "error" }, (log) => log.print("ledger", { seen: 3 })), [
    "ledger seen=3",
  ]);
  deepEqual(linesOf({ format: "json" }, (log) => log.print("ledger", { seen: 3 })), [
    '{"time":"2026-11-21T20:09:42.123Z","level":"info","message":"ledger","seen":3}',
  ]);
});

Deno.test("createLog() quotes a value where it would be misread", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["plain", "v=plain"],
    ["/etc/passwd", "v=/etc/passwd"],
    ["naïve", "v=naïve"],
    ["", 'v=""'],
    ["two words", 'v="two words"'],
    ["a=b", 'v="a=b"'],
    ['say "hi"', 'v="say \\"hi\\""'],
    ["back\\slash", 'v="back\\\\slash"'],
    ["line\nbreak", 'v="line\\nbreak"'],
    ["\u001b[31m", 'v="\\u001b[31m"'],
    ["\u009b31m", 'v="\\u009b31m"'],
    ["\u202egnp", 'v="\\u202egnp"'],
    ["\u2028", 'v="\\u2028"'],
  ];
  for (const [value, shown] of cases) {
    deepEqual(linesOf({}, (log) => log.print("m", { v: value })), [`m ${shown}`]);
  }
});

Deno.test("createLog() writes one line whatever a message holds, in both formats", () => {
  const hostile = "ok\r\n2026-11-21T20:09:42.123Z ERROR forged\u0085\u2029\u001b]0;t\u0007\u007f";
  for (const format of ["text", "json"] as const) {
    for (const write of [hostile, "m"]) {
      const fields: Fields = { field: hostile };
      const [line = "", ...more] = linesOf({ format }, (log) => log.warn(write, fields));
      deepEqual(more, []);
      equal(line, escapeControls(line));
      if (format === "json") equal(JSON.parse(line).field, hostile);
    }
  }
});

Deno.test("createLog() cuts what is long of a line that journald would split, and nothing else", () => {
  const hostile = [
    "\u0001".repeat(16_384),
    "\ud83d\ude00".repeat(8_192),
    `"${"<0>".repeat(5_461)}`,
  ];
  for (const format of ["text", "json", "journal"] as const) {
    for (const value of hostile) {
      const fields: Fields = { outcome: "refused", user: value, target: value, pid: 4711 };
      const [line = "", ...more] = linesOf({ format }, (log) => log.info(`sudo: ${value}`, fields));
      deepEqual(more, []);
      ok(new TextEncoder().encode(`${line}\n`).length <= 48 * 1024, String(line.length));
      equal(line, line.toWellFormed());
      match(line, /sudo: .+….*outcome\W+refused.*pid\W+4711/);
    }
    const plain = "x".repeat(15_000);
    const [line = ""] = linesOf({ format }, (log) => log.info(plain, { n: 1 }));
    ok(line.includes(plain));
  }
});

Deno.test("createLog() lets no field take the place of time, level or message in JSON", () => {
  deepEqual(
    linesOf({ format: "json" }, (log) => log.info("real", { message: "forged", level: "x", n: 1 })),
    ['{"time":"2026-11-21T20:09:42.123Z","level":"info","message":"real","n":1}'],
  );
});

Deno.test("escapeControls() keeps text and escapes what a terminal acts on", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a b\\c é 漢 🙂", "a b\\c é 漢 🙂"],
    ["\t\n\r\b\f", "\\t\\n\\r\\b\\f"],
    ["\u0000\u001b\u007f", "\\u0000\\u001b\\u007f"],
    ["\u0080\u009f", "\\u0080\\u009f"],
    [
      "\u061c\u200e\u200f\u202a\u202e\u2066\u2069",
      "\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069",
    ],
    ["\u2028\u2029", "\\u2028\\u2029"],
  ];
  for (const [text, shown] of cases) equal(escapeControls(text), shown);
});

Deno.test("writeToStderr() goes on when nobody reads stderr", async () => {
  const log = new URL("./log.ts", import.meta.url).href;
  const script = `import { writeToStderr } from ${JSON.stringify(log)};
    await Deno.stdin.read(new Uint8Array(1));
    for (let i = 0; i < 3; i++) writeToStderr("x".repeat(100_000));
    console.log("alive");`;
  using child = new TemporaryScript(script);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", child.path],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await command.stderr.cancel();
  const writer = command.stdin.getWriter();
  await writer.write(new Uint8Array(1));
  await writer.close();
  equal((await new Response(command.stdout).text()).trim(), "alive");
  equal((await command.status).code, 0);
});

class TemporaryScript {
  readonly path = Deno.makeTempFileSync({ suffix: ".ts" });

  constructor(source: string) {
    Deno.writeTextFileSync(this.path, source);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path);
  }
}

Deno.test("createLog() tells the journal the priority, and leaves the time to it", () => {
  deepEqual(
    linesOf({ format: "journal", level: "debug" }, (log) => {
      log.debug("d");
      log.info("Serving metrics", { address: "127.0.0.1:9110" });
      log.warn("<0>no priority of its own\n<0>nor a second line");
      log.error("e");
      log.print("p");
    }),
    [
      "<7>d",
      "<6>Serving metrics address=127.0.0.1:9110",
      "<4><0>no priority of its own\\n<0>nor a second line",
      "<3>e",
      "<6>p",
    ],
  );
});
