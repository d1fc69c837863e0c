import { deepEqual, equal } from "node:assert/strict";
import { AgentError, EXIT, failedError, unsupportedError, usageError } from "./errors.ts";

Deno.test("AgentError constructors give each failure its exit code and its cause", () => {
  const cause = new Error("deeper");
  const made = [
    failedError("a: b", cause),
    usageError("a: b", cause),
    unsupportedError("a: b", cause),
  ];
  deepEqual(made.map((error) => error.exitCode), [EXIT.failed, EXIT.usage, EXIT.unsupported]);
  for (const error of made) {
    equal(error instanceof AgentError, true);
    equal(error.name, "AgentError");
    equal(error.message, "a: b");
    equal(error.cause, cause);
  }
});

Deno.test("AgentError has no cause where none was given", () => {
  equal("cause" in usageError("a: b"), false);
});
