import { equal } from "node:assert/strict";
import { editDistance, nearest } from "./nearest.ts";

Deno.test("editDistance() counts insertions, deletions, replacements and swaps", () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["events", "events", 0],
    ["evnts", "events", 1],
    ["eventss", "events", 1],
    ["evants", "events", 1],
    ["evetns", "events", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ];
  for (const [from, to, distance] of cases) {
    equal(editDistance(from, to), distance, `${from} to ${to}`);
    equal(editDistance(to, from), distance, `${to} to ${from}`);
  }
});

Deno.test("nearest() finds what was meant, and nothing where nothing is near", () => {
  const flags = ["events", "output", "web.listen-address", "log.level", "log.format", "bpf.stats"];
  const kinds = ["exec", "clone", "open", "privilege"];
  const cases: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ["evnts", flags, "events"],
    ["Output", flags, "output"],
    ["listen-address", flags, "web.listen-address"],
    ["listen-adress", flags, "web.listen-address"],
    ["web.listen", flags, "web.listen-address"],
    ["log.levle", flags, "log.level"],
    ["format", flags, "log.format"],
    ["stats", flags, "bpf.stats"],
    ["config.file", flags, undefined],
    ["", flags, undefined],
    ["x".repeat(100_000), flags, undefined],
    ["opne", kinds, "open"],
    ["execve", kinds, "exec"],
    ["priv", kinds, "privilege"],
    ["fork", kinds, undefined],
    ["LISTEN_ADDRES", ["EVENTS", "WEB_LISTEN_ADDRESS"], "WEB_LISTEN_ADDRESS"],
    ["anything", [], undefined],
  ];
  for (const [word, candidates, expected] of cases) {
    equal(nearest(word, candidates), expected, word.slice(0, 20));
  }
});

Deno.test("nearest() prefers the whole name over a name without its section", () => {
  equal(nearest("stats", ["bpf.stats", "stats"]), "stats");
  equal(nearest("stat", ["bpf.stats", "stats"]), "stats");
});
