/** Errors into what is the matter and what to do. @module */
import assert from "node:assert/strict";
import { failedError, unsupportedError } from "../errors.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import { HelperError } from "./helper.ts";
import { attempt, attemptLater, failure, sentenceOf } from "./sentence.ts";

const CASES: readonly (readonly [error: unknown, found: string, remedy: string | null])[] = [
  [
    unsupportedError("Cannot open libbpf: it is not there. Install libbpf 1.0 or later: libbpf1"),
    "Cannot open libbpf: it is not there",
    "Install libbpf 1.0 or later: libbpf1",
  ],
  [
    unsupportedError("Cannot load it: EPERM (Error. Make sure of this.). Run as root"),
    "Cannot load it: EPERM (Error. Make sure of this.)",
    "Run as root",
  ],
  [failedError("Cannot read x.y"), "Cannot read x.y", null],
  [new LibbpfError("try", { code: 1, log: [] }), "Cannot try: EPERM", null],
  [new HelperError("it failed"), "it failed", null],
  [new TypeError("oh"), "TypeError: oh", "This is a fault in ebpf-agent, worth a bug report"],
  ["oh", "oh", "This is a fault in ebpf-agent, worth a bug report"],
];

for (const [error, found, remedy] of CASES) {
  Deno.test(`sentenceOf() ${error}`, () => {
    assert.deepEqual(sentenceOf(error), { found, remedy });
  });
}

Deno.test("attempt() and attemptLater() give a value, or what was thrown", async () => {
  assert.deepEqual(attempt(() => 7), { value: 7 });
  assert.deepEqual(await attemptLater(() => Promise.resolve(7)), { value: 7 });
  const failed = { failure: { found: "it failed", remedy: null } };
  const fail = () => {
    throw new HelperError("it failed");
  };
  assert.deepEqual(attempt(fail), failed);
  assert.deepEqual(await attemptLater(() => Promise.reject(new HelperError("it failed"))), failed);
  assert.deepEqual(failure("it failed"), failed);
});
