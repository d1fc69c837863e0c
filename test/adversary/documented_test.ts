import { deepEqual } from "node:assert/strict";
import { cellLine, chosenLine } from "./cells.ts";
import { deviations } from "./documented.ts";
import { coverageMatrix } from "./matrix.ts";
import type { Verdict } from "./verdict.ts";

const BLIND: Verdict = { state: "blind", spot: "io_uring" };
const RESOLVED: Verdict = { state: "resolved" };

function report(verdict: Verdict, road = "/proc/self/map_files"): readonly string[] {
  return [
    chosenLine("raw_tp"),
    cellLine({ kind: "open", hook: "raw_tp", road, verdict }),
    cellLine({ kind: "exec", hook: "raw_tp", road: "execve", verdict: RESOLVED }),
  ];
}

const DOCUMENT = coverageMatrix(new Map([["5.10", report(BLIND)], ["6.1", report(RESOLVED)]]));

Deno.test("deviations() finds none in what the document was made of", () => {
  deepEqual(deviations(DOCUMENT, "5.10", report(BLIND)), []);
  deepEqual(deviations(DOCUMENT, "6.1", report(RESOLVED)), []);
});

Deno.test("deviations() leaves out what was not heard by chance", () => {
  deepEqual(deviations(DOCUMENT, "6.1", report({ state: "unheard", unheard: 1 })), []);
});

Deno.test("deviations() names a cell that differs, is new or is gone, and another choice", () => {
  const lines = (kernel: string, verdict: Verdict, road?: string) =>
    deviations(DOCUMENT, kernel, report(verdict, road)).map((line) => line.split(": ")[1]);
  deepEqual(deviations(DOCUMENT, "6.1", report(BLIND)), [
    "Linux 6.1, open by raw_tp: /proc/self/map_files: blind: io_uring, and in the document resolved",
  ]);
  deepEqual(lines("6.1", RESOLVED, "a new one"), ["/proc/self/map_files", "a new one"]);
  deepEqual(
    deviations(DOCUMENT, "6.1", [chosenLine("fexit"), ...report(RESOLVED).slice(1)]),
    ["Linux 6.1, the hook that is taken for opens: fexit, and in the document raw_tp"],
  );
});
