import { equal, throws } from "node:assert/strict";
import { formatDuration, LONGEST_DURATION_MS, parseDuration } from "./duration.ts";
import { ValueError } from "../words/values.ts";

const ANY = { least: 1, most: LONGEST_DURATION_MS } as const;

Deno.test("parseDuration() reads whole numbers with a unit", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["1ms", 1],
    ["500ms", 500],
    ["1s", 1000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["576h", LONGEST_DURATION_MS],
  ];
  for (const [text, milliseconds] of cases) equal(parseDuration(text, ANY), milliseconds, text);
});

Deno.test("parseDuration() refuses everything else, and says what to write", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["5", /^"5" has no unit; write "5s"/],
    ["0", /^"0" is too short; the least is 1ms$/],
    ["000", /^"000" is too short/],
    ["3000000", /^"3000000" has no unit; write ms, s, m or h behind it$/],
    ["s", /is not a duration/],
    ["1.5s", /is not a duration; write a whole number/],
    ["-1s", /is not a duration/],
    ["1 s", /is not a duration/],
    [" 1s", /is not a duration/],
    ["1S", /is not a duration/],
    ["1s\n", /"1s\\n" is not a duration/],
    ["1m30s", /is not a duration/],
    ["2d", /is not a duration/],
    ["1e3ms", /is not a duration/],
    ["0s", /^"0s" is too short; the least is 1ms$/],
    ["577h", /^"577h" is too long; the most is 576h$/],
    [`${"9".repeat(400)}s`, /is too long/],
  ];
  for (const [text, message] of cases) {
    throws(() => parseDuration(text, ANY), (error) => {
      return error instanceof ValueError && message.test(error.message);
    }, text);
  }
});

Deno.test("parseDuration() keeps to its limits, the limits themselves allowed", () => {
  const limits = { least: 100, most: 3_600_000 };
  equal(parseDuration("100ms", limits), 100);
  equal(parseDuration("60m", limits), 3_600_000);
  throws(() => parseDuration("99ms", limits), /the least is 100ms/);
  throws(() => parseDuration("3601s", limits), /the most is 1h/);
});

Deno.test("LONGEST_DURATION_MS is one that a timer can wait", () => {
  equal(LONGEST_DURATION_MS <= 2 ** 31 - 1, true);
});

Deno.test("formatDuration() writes what parseDuration() reads", () => {
  for (const text of ["1ms", "1500ms", "90s", "5m", "36h"]) {
    equal(formatDuration(parseDuration(text, ANY)), text);
  }
});
