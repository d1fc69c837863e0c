/** Which mappings hold files alone, and what becomes of this process's own. @module */
import assert from "node:assert/strict";
import { openLibc } from "./libc.ts";
import { fileMappings, releaseFileMemory } from "./file_memory.ts";

const mapping = (line: string, anonymousKb: number) =>
  `${line}\nSize:                200 kB\nRss:                 100 kB\n` +
  `Anonymous:            ${String(anonymousKb).padStart(4)} kB\nVmFlags: rd ex mr mw me sd \n`;

Deno.test("fileMappings() finds code and constants of files, without what was written to", () => {
  const smaps = [
    mapping("55f5efaea000-55f5f299b000 r-xp 020a4000 fe:00 2392077    /opt/an agent", 0),
    mapping("55f5f299b000-55f5f299c000 r--p 020a4000 fe:00 2392077    /opt/an agent", 0),
    mapping("55f5f299c000-55f5f299d000 r--p 020a5000 fe:00 2392077    /opt/an agent", 4),
    mapping("55f5f299d000-55f5f299e000 rw-p 020a6000 fe:00 2392077    /opt/an agent", 0),
    mapping("7fed3b5c0000-7fed3b7c1000 r-xp 00000000 00:00 0", 0),
    mapping("7fed3b7c1000-7fed3b7c2000 r-xp 00001000 fe:00 339380    /usr/lib/libbpf.so", 4),
    mapping("7fed3b7c2000-7fed3b7c5000 r-xp 00001000 fe:00 339381    /usr/lib/libc.so.6", 0),
    mapping("7ffd3b7c2000-7ffd3b7c4000 r-xp 00000000 00:00 0    [vdso]", 0),
  ].join("");
  assert.deepEqual(fileMappings(smaps), [
    { start: 0x55f5efaea000n, size: 0x2eb1000n },
    { start: 0x55f5f299b000n, size: 0x1000n },
    { start: 0x7fed3b7c2000n, size: 0x3000n },
  ]);
});

Deno.test("fileMappings() finds nothing in nothing", () => {
  assert.deepEqual(fileMappings(""), []);
});

Deno.test("releaseFileMemory() lets the process go on with less memory", () => {
  using libc = openLibc();
  const before = residentFiles();
  releaseFileMemory(libc);
  const after = residentFiles();
  assert.ok(after < before * 0.8, `${before} kB before, ${after} kB after`);
});

/** Kilobytes of this process's memory that are mapped from files. */
function residentFiles(): number {
  return Number(/^RssFile:\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]);
}
