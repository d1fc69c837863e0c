/** The report for people, to the letter. @module */
import assert from "node:assert/strict";
import { renderReport } from "./render.ts";
import type { Report } from "./report.ts";

const REPORT: Report = {
  verdict: "degraded",
  requirements: [
    { id: "kernel", status: "ok", found: "6.1.0", remedy: null },
    {
      id: "events.open",
      status: "degraded",
      found: "watched by tp_btf",
      details: ["not seen: opens by uselib"],
      remedy:
        "Run a kernel on which a sentence as long as this one need not be written in two lines",
    },
  ],
  proof: [
    { id: "proof.open", event: "open", status: "seen", what: "a file opened", found: "seen" },
    {
      id: "proof.uselib",
      event: "open",
      status: "blind",
      what: "a library",
      found: "not seen, as known",
    },
  ],
};

Deno.test("renderReport() aligns what was found, and ends with the verdict", () => {
  assert.equal(
    renderReport(REPORT),
    `Requirements
  ok        kernel       6.1.0
  degraded  events.open  watched by tp_btf
                         not seen: opens by uselib
                         -> Run a kernel on which a sentence as long as this one need not be written
                         in two lines

Proof: events that were made just now, and whether they were seen
  seen      proof.open    a file opened
  blind     proof.uselib  a library: not seen, as known

Verdict: degraded. The agent runs here; see events.open
`,
  );
});

Deno.test("renderReport() names what is missing where the agent cannot run, and nothing else", () => {
  const requirements = [
    { id: "btf", status: "missing", found: "none", remedy: null },
    { id: "memlock", status: "degraded", found: "little", remedy: null },
  ] as const;
  const text = renderReport({ ...REPORT, verdict: "missing", requirements });
  assert.match(text, /\nVerdict: missing\. The agent cannot run here; see btf\n$/);
});

Deno.test("renderReport() lets nothing act on the terminal", () => {
  const [kernel] = REPORT.requirements;
  const found = "6.1\u001b[2J\nVerdict: ok";
  const text = renderReport({ ...REPORT, requirements: [{ ...kernel, found }] });
  assert.ok(text.includes("6.1\\u001b[2J\\nVerdict: ok"), text);
});
