/** The kernel's lists of CPUs, and the one of those online. @module */
import assert from "node:assert/strict";
import { openLibc } from "./libc.ts";
import { OnlineCpus, parseCpuList } from "./online_cpus.ts";

Deno.test("parseCpuList() knows ranges, single numbers and nothing", () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ["0\n", [0]],
    ["0-3\n", [0, 1, 2, 3]],
    ["0,2-3,10\n", [0, 2, 3, 10]],
    ["\n", []],
  ];
  for (const [list, cpus] of cases) assert.deepEqual([...parseCpuList(list)], cpus, list);
});

Deno.test("OnlineCpus are as many as the C library says, each time", async () => {
  using libc = openLibc();
  const { stdout } = await new Deno.Command("getconf", { args: ["_NPROCESSORS_ONLN"] }).output();
  using online = new OnlineCpus(libc);
  for (let time = 0; time < 2; time++) {
    assert.equal(online.read().size, Number(new TextDecoder().decode(stdout)));
  }
});
