/** Hostile names: one line each in text, valid JSON, and the original bytes recoverable. @module */
import assert from "node:assert/strict";
import { concat, encodeHex, encodeText, isUtf8 } from "./harness/bytes.ts";
import { compareWithRun } from "./harness/events.ts";
import { kernelTest } from "./harness/kernel.ts";
import type { Run } from "./harness/load.ts";
import { record } from "./harness/recording.ts";
import { HARMFUL, textLines, unescape } from "./harness/text.ts";

const raw = (...bytes: readonly number[]) => Uint8Array.from(bytes);

const NAMES: readonly (readonly [what: string, name: Uint8Array])[] = [
  ["a newline and a forged line", encodeText("a\n[1.000000] Process x (PID: 1) opened file: b")],
  ["an escape sequence", encodeText("\x1b[2J\x1b]0;title\x07")],
  ["a carriage return, a tab and a delete", encodeText("a\rb\tc\x7f")],
  ["C1 controls", encodeText("a\u0085b\u009b31m")],
  ["a C1 control by itself", concat([encodeText("a"), raw(0x9b), encodeText("31m")])],
  ["a bidirectional override", encodeText("a\u202egnp.exe\u2066b\u2069")],
  ["a right-to-left mark and an Arabic letter mark", encodeText("a\u200fb\u061c")],
  ["line and paragraph separators", encodeText("a\u2028b\u2029c")],
  ["quotes", encodeText("a\"b'c`")],
  ["backslashes and what looks like an escape", encodeText("a\\b\\x41\\\\")],
  ["invalid UTF-8", raw(0x61, 0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82, 0xf0, 0x9f, 0x62)],
  ["a surrogate and an overlong slash", raw(0xed, 0xa0, 0x80, 0xc0, 0xaf)],
  ["a byte order mark", encodeText("\ufeffa")],
  ["a replacement character of its own", encodeText("a\ufffdb")],
  ["letters and emoji", encodeText("äöü 日本語 🐝")],
  ["spaces at both ends", encodeText("  a  ")],
  ["4,000 bytes", encodeText("0123456789/".repeat(363) + "0123456")],
  ["4,000 bytes to be escaped", raw(...Array(4000).fill(0xff))],
];

const OPENS = NAMES.map(([, name]) => `open=0:${encodeHex(name)}`);

kernelTest("JSON events of hostile file names are valid and recoverable", async () => {
  const { run, events, end } = await record(OPENS);
  assert.ok(isUtf8(end.stdout), "stdout is UTF-8");
  // What is expected of a name that is not UTF-8 holds its bytes in base64.
  assert.deepEqual(compareWithRun(events, run), { missing: [], unexpected: [] });
});

kernelTest(
  "text events of hostile file names are one harmless line each, and recoverable",
  async () => {
    const { run, end } = await record(OPENS, { output: "text" });
    const told = pathsIn(textLines(end.stdout), run);
    assert.equal(told.length, NAMES.length, told.join("\n"));
    for (const [index, [what, name]] of NAMES.entries()) {
      const line = told[index] ?? "";
      assert.deepEqual(unescape(line), name, `${what}: ${line}`);
    }
    assert.ok(told.includes("äöü 日本語 🐝"), "letters are not escaped");
  },
);

kernelTest("names of processes cannot forge a line", async () => {
  const names = NAMES.map(([, name]) => name.subarray(0, 15)).filter((name) => name.length > 0);
  const operations = names.flatMap((name) => [`comm=${encodeHex(name)}`, "open=0:66696c65"]);
  const json = await record(operations);
  assert.deepEqual(compareWithRun(json.events, json.run), { missing: [], unexpected: [] });
  const text = await record(operations, { output: "text" });
  const lines = linesOf(textLines(text.end.stdout), text.run, "opened file: file");
  const told = lines.map((line) => /Process ([^]*) \(PID: \d+\) opened/.exec(line)?.[1] ?? line);
  assert.deepEqual(told.map((name) => unescape(name)), names.map((name) => Uint8Array.from(name)));
});

kernelTest("hostile names and arguments of programs", async () => {
  const names = NAMES.map(([, name]) => name).filter((name) =>
    name.length < 100 && !name.includes(0x2f)
  );
  const operations = names.map((name) => `exec=${encodeHex(name)}`);
  const { run, events } = await record(operations);
  assert.deepEqual(compareWithRun(events, run), { missing: [], unexpected: [] });
  const text = await record(operations, { output: "text" });
  const told = linesOf(textLines(text.end.stdout), text.run, "executed: ");
  assert.equal(told.length, names.length + 1, told.join("\n"));
});

/** The paths that a run's process opened, as text tells them, in order. */
function pathsIn(lines: readonly string[], run: Run): readonly string[] {
  return lines.map((line) =>
    /^\[\d+\.\d{6}\] Process eagent-load \(PID: (\d+)\) (?:opened|could not open) file: (.*?)(?: \(E[A-Z0-9]+\))?$/
      .exec(line)
  ).filter((match) => Number(match?.[1]) === run.pid).map((match) => match?.[2] ?? "");
}

/** The lines of a run's processes that hold a text; none of all lines may be harmful. */
function linesOf(lines: readonly string[], run: Run, text: string): readonly string[] {
  for (const line of lines) assert.doesNotMatch(line, HARMFUL);
  const pids = new Set(run.deeds.map(({ pid }) => pid));
  return lines.filter((line) =>
    line.includes(text) && pids.has(Number(/\(PID: (\d+)[,)]/.exec(line)?.[1]))
  );
}
