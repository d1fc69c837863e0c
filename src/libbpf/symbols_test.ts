/** The symbol table against the header and the library that are installed. @module */
import assert from "node:assert/strict";
import { LIBBPF_SYMBOLS } from "./symbols.ts";
import { differences, functionsOf } from "./testing.ts";

const HEADERS = ["bpf/libbpf.h", "bpf/bpf.h"];

Deno.test("LIBBPF_SYMBOLS agrees with libbpf's header", async () => {
  assert.deepEqual(differences(LIBBPF_SYMBOLS, await functionsOf(HEADERS)), []);
});

Deno.test("LIBBPF_SYMBOLS with a slip in it does not agree with libbpf's header", async () => {
  const functions = await functionsOf(HEADERS);
  const { bpf_map_update_elem: update, bpf_link__destroy: destroy } = LIBBPF_SYMBOLS;
  const slips: readonly [Readonly<Record<string, Deno.ForeignFunction>>, string][] = [
    [
      { bpf_map_update_elem: { ...update, parameters: ["isize", "buffer", "buffer", "u64"] } },
      "bpf_map_update_elem: parameter 1 is int",
    ],
    [
      { bpf_map_update_elem: { ...update, parameters: ["i32", "buffer", "buffer", "u32"] } },
      "bpf_map_update_elem: parameter 4 is unsigned long long",
    ],
    [
      { bpf_map_update_elem: { ...update, parameters: ["i32", "buffer", "buffer"] } },
      "bpf_map_update_elem: 4 parameters in C",
    ],
    [{ bpf_link__destroy: { ...destroy, result: "void" } }, "bpf_link__destroy: result is int"],
    [
      { bpf_link__destroy: { ...destroy, parameters: ["i64"] } },
      "bpf_link__destroy: parameter 1 is struct bpf_link *",
    ],
    [{ bpf_link__destroyed: destroy }, "bpf_link__destroyed: not declared"],
  ];
  for (const [table, difference] of slips) {
    assert.deepEqual(differences(table, functions), [difference]);
  }
});

Deno.test("LIBBPF_SYMBOLS are all in libbpf 1.0, or optional", async () => {
  const versions = await versionsOfSymbols();
  for (const [name, signature] of Object.entries(LIBBPF_SYMBOLS)) {
    const version = versions.get(name);
    assert.ok(version !== undefined, `${name} is not in the library`);
    const optional = "optional" in signature && signature.optional === true;
    assert.equal(optional, version > 1.0, `${name} came with libbpf ${version}`);
  }
});

/** The version each function came with, by libbpf's own account (its symbol versions). */
async function versionsOfSymbols(): Promise<ReadonlyMap<string, number>> {
  const library = new Deno.Command("cc", { args: ["-print-file-name=libbpf.so.1"] });
  const path = new TextDecoder().decode((await library.output()).stdout).trim();
  const readelf = new Deno.Command("readelf", { args: ["--wide", "--dyn-syms", path] });
  const text = new TextDecoder().decode((await readelf.output()).stdout);
  const found = text.matchAll(/ (\w+)@@LIBBPF_(\d+\.\d+)\./g);
  return new Map(Array.from(found, ([, name = "", version]) => [name, Number(version)]));
}
