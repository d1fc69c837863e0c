import { deepEqual, equal, throws } from "node:assert/strict";
import { LOG_LEVELS } from "../log.ts";
import {
  parseChoice,
  parseComm,
  parseEventList,
  parseRingPages,
  parseSwitch,
  parseTelemetryPath,
  parseWholeNumber,
  quoted,
  ValueError,
} from "./values.ts";

type Refusals = readonly (readonly [text: string, message: RegExp])[];

function refuses(parse: (text: string) => unknown, cases: Refusals): void {
  for (const [text, message] of cases) {
    throws(
      () => parse(text),
      (error) => error instanceof ValueError && message.test(error.message),
      `${JSON.stringify(text)} should be refused with ${message}`,
    );
  }
}

Deno.test("quoted() shows what was written on one line, cut where it is long", () => {
  equal(quoted("a b"), '"a b"');
  equal(quoted("a\n\u001b[2J"), '"a\\n\\u001b[2J"');
  equal(quoted("🙂".repeat(80)), `"${"🙂".repeat(80)}"`);
  equal(quoted("🙂".repeat(81)), `"${"🙂".repeat(80)}..."`);
});

Deno.test("parseChoice() takes a word of the list and names the nearest to any other", () => {
  for (const level of LOG_LEVELS) equal(parseChoice(level, LOG_LEVELS), level);
  refuses((text) => parseChoice(text, LOG_LEVELS), [
    ["warning", /^"warning" is none of debug, info, warn or error; did you mean "warn"\?$/],
    ["DEBUG", /did you mean "debug"\?$/],
    ["trace", /^"trace" is none of debug, info, warn or error$/],
  ]);
});

Deno.test("parseSwitch() takes true and false alone", () => {
  equal(parseSwitch("true"), true);
  equal(parseSwitch("false"), false);
  refuses(parseSwitch, [["1", /none of true or false/], ["True", /did you mean "true"/]]);
});

Deno.test("parseWholeNumber() takes digits within the limits", () => {
  const uid = { what: "a user id", least: 0, most: 2 ** 32 - 2 };
  const parse = (text: string) => parseWholeNumber(text, uid);
  equal(parse("0"), 0);
  equal(parse("4294967294"), 4294967294);
  const message = /is not a user id; write a whole number 0 to 4294967294$/;
  const wrong = ["4294967295", "-1", "+1", "1.0", "0x10", "1e3", "1,2", " 1", "1\n", "root", "١"];
  refuses(parse, wrong.map((text) => [text, message]));
});

Deno.test("parseRingPages() takes powers of two", () => {
  equal(parseRingPages("1"), 1);
  equal(parseRingPages("2048"), 2048);
  equal(parseRingPages("131072"), 131072);
  refuses(parseRingPages, [
    ["3", /^"3" is not a power of two; write 2 or 4$/],
    ["2047", /write 1024 or 2048$/],
    ["0", /is not a number of pages; write a whole number 1 to 131072$/],
    ["262144", /is not a number of pages/],
  ]);
});

Deno.test("parseComm() takes up to 15 bytes", () => {
  for (const name of ["sh", "tmux: server", "123456789012345", "ééééééé"]) {
    equal(parseComm(name), name);
  }
  refuses(parseComm, [
    ["1234567890123456", /is 16 bytes long; the kernel keeps 15/],
    ["éééééééé", /is 16 bytes long/],
  ]);
});

Deno.test("parseEventList() gives each kind once, in the kinds' own order", () => {
  deepEqual(parseEventList("privilege,exec"), ["exec", "privilege"]);
  deepEqual(parseEventList("open, exec,open"), ["exec", "open"]);
  deepEqual(parseEventList("none"), []);
  refuses(parseEventList, [
    ["opne", /"opne" is none of exec, clone, open, privilege or none; did you mean "open"\?$/],
    ["exec,none", /^"exec,none" mixes "none" with kinds; it stands alone$/],
    ["none,none", /stands alone/],
    ["exec,", /has an empty place/],
    [",", /has an empty place/],
    ["exec open", /is none of/],
    ["non", /did you mean "none"\?$/],
  ]);
});

Deno.test("parseTelemetryPath() takes what a request can name and nothing else is served at", () => {
  for (const path of ["/metrics", "/a/b", "/metrics/", "/m%C3%A9", "/-._~!$&'()*+,;=:@"]) {
    equal(parseTelemetryPath(path), path);
  }
  refuses(parseTelemetryPath, [
    ["metrics", /^"metrics" does not begin with "\/"/],
    ["/", /is served already/],
    ["/healthz", /is served already/],
    ["/readyz", /is served already/],
    ["/m?x=1", /is not a plain path/],
    ["/m?", /is not a plain path/],
    ["/m#x", /is not a plain path/],
    ["/m etrics", /is not a plain path/],
    ["/m ", /is not a plain path/],
    ["/m\n", /"\/m\\n" is not a plain path/],
    ["/mé", /is not a plain path/],
    ["/a/../b", /is not a plain path/],
    ["/a\\b", /is not a plain path/],
  ]);
});
