/** How large rings are, by CPUs and by the size of pages. @module */
import assert from "node:assert/strict";
import { defaultRingPages, ringBufferSize } from "./rings.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

Deno.test("defaultRingPages() is 8 MiB a CPU, and 64 MiB in all, by pages of any size", () => {
  const cases = [
    [1, 4 * KIB, 2048],
    [8, 4 * KIB, 2048],
    [9, 4 * KIB, 1024],
    [64, 4 * KIB, 256],
    [2, 16 * KIB, 512],
    [2, 64 * KIB, 128],
    [64, 64 * KIB, 16],
    [4096, 64 * KIB, 1],
  ] as const;
  for (const [cpus, pageSize, pages] of cases) {
    assert.equal(defaultRingPages(cpus, pageSize), pages, `${cpus} CPUs, ${pageSize} bytes`);
  }
});

Deno.test("ringBufferSize() is a power of two of whole pages", () => {
  const cases = [
    [2048, 2, 4 * KIB, 16 * MIB],
    [2048, 3, 4 * KIB, 32 * MIB],
    [1, 1, 16 * KIB, 16 * KIB],
    [1, 3, 64 * KIB, 256 * KIB],
  ] as const;
  for (const [pages, cpus, pageSize, size] of cases) {
    assert.equal(ringBufferSize(pages, cpus, pageSize), size, `${pages} pages of ${pageSize}`);
  }
});
