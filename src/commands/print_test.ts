import { equal, match } from "node:assert/strict";
import { PRINTABLE } from "../cli/options.ts";
import { printable } from "./print.ts";

Deno.test("printable() gives a text of its own for each name, with a newline at its end", () => {
  const texts = PRINTABLE.map(printable);
  equal(new Set(texts).size, PRINTABLE.length);
  for (const text of texts) match(text, /^\S[^]*\n$/);
});

Deno.test("printable() gives the unit as it stands in the project", async () => {
  const unit = await Deno.readTextFile(new URL("../../ebpf-agent.service", import.meta.url));
  equal(printable("unit"), unit);
});
