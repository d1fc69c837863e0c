import { deepEqual, equal, match } from "node:assert/strict";
import { PRINTABLE, RULE_PACK } from "../cli/printable.ts";
import { printable } from "./print.ts";

Deno.test("printable() gives a text of its own for each name, with a newline at its end", () => {
  const texts = PRINTABLE.map(printable);
  equal(new Set(texts).size, PRINTABLE.length);
  for (const text of texts) match(text, /^\S[^]*\n$/);
});

const root = new URL("../../", import.meta.url);

Deno.test("printable() gives unit and rules as they stand in the project", async () => {
  equal(printable("unit"), await Deno.readTextFile(new URL("ebpf-agent.service", root)));
  for (const name of RULE_PACK) {
    equal(printable(name), await Deno.readTextFile(new URL(name, root)));
  }
});

Deno.test("RULE_PACK is all of the project's rules", () => {
  const files = [...Deno.readDirSync(new URL("rules/", root))].map(({ name }) => `rules/${name}`);
  deepEqual(files.sort(), RULE_PACK);
});
