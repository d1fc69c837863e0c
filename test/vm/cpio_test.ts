import { deepEqual, equal } from "node:assert/strict";
import { concat, decodeText } from "../harness/bytes.ts";
import { archive, type Entry, TYPE } from "./cpio.ts";

/** Reads an archive as initramfs-buffer-format.rst describes it, written apart from the writer. */
function read(bytes: Uint8Array): readonly (readonly [name: string, mode: string, text: string])[] {
  const entries: [string, string, string][] = [];
  for (let at = 0; at < bytes.length;) {
    const header = decodeText(bytes.subarray(at, at + 110));
    equal(header.slice(0, 6), "070701");
    const field = (index: number) => parseInt(header.slice(6 + 8 * index, 14 + 8 * index), 16);
    const nameSize = field(11);
    const name = decodeText(bytes.subarray(at + 110, at + 110 + nameSize - 1));
    const data = (at + 110 + nameSize + 3) & ~3;
    const text = decodeText(bytes.subarray(data, data + field(6)));
    entries.push([name, field(1).toString(8), text]);
    at = (data + field(6) + 3) & ~3;
  }
  return entries;
}

function write(...entries: readonly Entry[]): Uint8Array {
  return concat([...archive(entries)]);
}

Deno.test("archive() puts folders in front of what stands in them, each once", () => {
  const file = (path: string, text: string) => ({
    path,
    mode: TYPE.file | 0o644,
    bytes: new TextEncoder().encode(text),
  });
  deepEqual(read(write(file("a/b/c", "1"), file("a/d", "22"), file("e", "4444"))), [
    ["a", "40755", ""],
    ["a/b", "40755", ""],
    ["a/b/c", "100644", "1"],
    ["a/d", "100644", "22"],
    ["e", "100644", "4444"],
    ["TRAILER!!!", "0", ""],
  ]);
});

Deno.test("archive() leaves a folder as it was given", () => {
  const folder = { path: "tmp", mode: TYPE.directory | 0o1777 };
  const file = { path: "tmp/x", mode: TYPE.file | 0o600 };
  deepEqual(read(write(folder, file)).slice(0, 2), [["tmp", "41777", ""], ["tmp/x", "100600", ""]]);
});

Deno.test("archive() ends at a multiple of four, so that another archive can follow", () => {
  for (const path of ["a", "ab", "abc", "abcd"]) {
    equal(write({ path, mode: TYPE.file, bytes: new Uint8Array(path.length) }).length % 4, 0);
  }
});
