/** How large rings are, by CPUs and by the size of pages. @module */
import assert from "node:assert/strict";
import { AgentError } from "../errors.ts";
import { openLibc } from "../kernel/libc.ts";
import { createLog } from "../log.ts";
import {
  BpfRingRefused,
  defaultRingPages,
  loadWithBpfRing,
  mostBpfRingPages,
  ringBufferSize,
} from "./rings.ts";

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

Deno.test("mostBpfRingPages() are a ring of at most 1 GiB, by any number of CPUs", () => {
  const cases = [
    [1, 4 * KIB, 2 ** 18],
    [2, 4 * KIB, 2 ** 17],
    [3, 4 * KIB, 2 ** 16],
    [256, 4 * KIB, 1024],
    [4096, 64 * KIB, 4],
  ] as const;
  for (const [cpus, pageSize, pages] of cases) {
    assert.equal(mostBpfRingPages(cpus, pageSize), pages, `${cpus} CPUs, ${pageSize} bytes`);
    assert.ok(ringBufferSize(pages, cpus, pageSize) <= 1024 * MIB);
  }
});

Deno.test("loadWithBpfRing() halves the size, from 1 GiB at most, until it is not refused", () => {
  const tried: number[] = [];
  const lines: string[] = [];
  const size = withRing(lines, (size) => {
    tried.push(size);
    if (size > 100 * MIB) throw new BpfRingRefused("Cannot load: ENOMEM");
    return size;
  });
  assert.equal(size, 64 * MIB);
  assert.deepEqual(tried, [1024, 512, 256, 128, 64].map((mib) => mib * MIB));
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? "",
    / WARN .*so large a BPF ring buffer: using a smaller one pages=\d+ /,
  );
});

Deno.test("loadWithBpfRing() says what to do where every size is refused", () => {
  const refuse = () => {
    throw new BpfRingRefused("Cannot load: ENOMEM");
  };
  const lines: string[] = [];
  assert.throws(
    () => withRing(lines, refuse),
    new AgentError("Cannot load: ENOMEM. Free some memory", 1),
  );
  assert.deepEqual(lines, []);
});

function withRing<T>(lines: string[], load: (size: number) => T): T {
  using libc = openLibc();
  const write = (line: string) => void lines.push(line);
  const log = createLog({ level: "info", format: "text", write });
  return loadWithBpfRing(libc, { pages: 2 ** 30, log }, load);
}
