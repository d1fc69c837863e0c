import { deepEqual, throws } from "node:assert/strict";
import { ValueError } from "../words/values.ts";
import { parsePathPattern } from "./path_pattern.ts";
import type { PathPattern } from "./rule.ts";

Deno.test("parsePathPattern() knows a file, all below a folder, an ending, and a name", () => {
  const cases: readonly (readonly [string, PathPattern["match"], string])[] = [
    ["/etc/shadow", "exact", "/etc/shadow"],
    ["/a/...", "exact", "/a/..."],
    ["/a/.b", "exact", "/a/.b"],
    ["/etc/cron.d/**", "prefix", "/etc/cron.d/"],
    ["/**", "prefix", "/"],
    ["*.service", "suffix", ".service"],
    ["*/.ssh/authorized_keys", "suffix", "/.ssh/authorized_keys"],
    ["sudo", "name", "sudo"],
    ["...", "name", "..."],
    ["memfd:x", "name", "memfd:x"],
    [`/${"é".repeat(124)}x`, "exact", `/${"é".repeat(124)}x`],
    [`/${"x".repeat(248)}/**`, "prefix", `/${"x".repeat(248)}/`],
    [`*${"x".repeat(64)}`, "suffix", "x".repeat(64)],
  ];
  for (const [text, match, of] of cases) {
    deepEqual(parsePathPattern(text), { match, text: of }, text);
  }
});

Deno.test("parsePathPattern() says which forms there are, or what to write", () => {
  const forms = "is no path that a rule can have; write /a/file, /folder/** for all below it, " +
    "*ending, or a name without a slash";
  const never = 'would never match; write it without "//", "." and ".."';
  const cases: readonly (readonly [string, string])[] = [
    ["/etc/*.conf", forms],
    ["/etc/*", forms],
    ["a?b", forms],
    ["a*", forms],
    ["*", forms],
    ["**", forms],
    ["*a*", forms],
    ["a/b", forms],
    ["./a", forms],
    ["a/**", forms],
    ["/a/*/b/**", forms],
    ["/a//b", never],
    ["/a/./b", never],
    ["/a/../b", never],
    ["/a/..", never],
    ["//", 'is a folder; write "//**" for all that is below it'],
    ["/etc/", 'is a folder; write "/etc/**" for all that is below it'],
    ["/", 'is a folder; write "/**" for all that is below it'],
    ["//**", never],
    ["..", "is no file's name"],
  ];
  for (const [text, message] of cases) {
    throws(() => parsePathPattern(text), new ValueError(`"${text}" ${message}`), text);
  }
});

Deno.test("parsePathPattern() refuses what the kernel's tables have no room for", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [`/${"é".repeat(125)}`, /is 251 bytes long, and can be 250$/],
    [`/${"x".repeat(249)}/**`, /is 251 bytes long, and can be 250$/],
    [`*${"x".repeat(65)}`, /is 65 bytes long, and can be 64$/],
    ["x".repeat(256), /is 256 bytes long, and can be 255$/],
  ];
  for (const [text, message] of cases) throws(() => parsePathPattern(text), message);
});
