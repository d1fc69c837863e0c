/** What kernels tell of their preemption, as it stands in /proc and debugfs. @module */
import assert from "node:assert/strict";
import { isPreemptible } from "./features.ts";

const STATIC = "#1 SMP Debian 5.10.226-1 (2024-10-03)";
const FULL = "#1 SMP PREEMPT Debian 5.10.226-1 (2024-10-03)";
const REAL_TIME = "#1 SMP PREEMPT_RT Debian 6.1.112-1 (2024-09-30)";
const LAZY = "#1 SMP PREEMPT_LAZY Fri Jun 1 00:00:00 UTC 2026";
const DYNAMIC = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.9-1 (2025-01-10)";

Deno.test("isPreemptible() goes by how the kernel was built, or by what it is set to", () => {
  const cases = [
    { version: STATIC, mode: undefined, preemptible: false },
    { version: FULL, mode: undefined, preemptible: true },
    { version: REAL_TIME, mode: undefined, preemptible: true },
    { version: LAZY, mode: undefined, preemptible: true },
    { version: DYNAMIC, mode: "(none) voluntary full\n", preemptible: false },
    { version: DYNAMIC, mode: "none (voluntary) full\n", preemptible: false },
    { version: DYNAMIC, mode: "none voluntary (full)\n", preemptible: true },
    { version: DYNAMIC, mode: "none voluntary full (lazy)\n", preemptible: true },
    { version: DYNAMIC, mode: "full (lazy)\n", preemptible: true },
    // What it is set to says nothing of a kernel that cannot be set.
    { version: STATIC, mode: "none voluntary (full)\n", preemptible: false },
  ];
  for (const { version, mode, preemptible } of cases) {
    const told = `${version}, ${mode}`;
    assert.equal(isPreemptible({ version, release: [6, 18], mode }), preemptible, told);
  }
});

Deno.test("isPreemptible() takes a dynamic kernel that does not tell for preemptible from 6.13 on", () => {
  const cases = [
    { release: [5, 15], preemptible: false },
    { release: [6, 12], preemptible: false },
    { release: [6, 13], preemptible: true },
    { release: [7, 0], preemptible: true },
  ] as const;
  for (const { release, preemptible } of cases) {
    const told = isPreemptible({ version: DYNAMIC, release, mode: undefined });
    assert.equal(told, preemptible, release.join("."));
  }
});
