import { deepEqual, equal, match } from "node:assert/strict";
import { EXIT, failedError, unsupportedError } from "../errors.ts";
import { describeFailure, failureLines } from "./failure.ts";

Deno.test("describeFailure() shows a user's error as it is written, without a stack", () => {
  deepEqual(describeFailure(unsupportedError("Cannot load: no BTF"), false), {
    exitCode: EXIT.unsupported,
    message: "Cannot load: no BTF",
    causes: [],
    hint: undefined,
    stack: undefined,
  });
});

Deno.test("describeFailure() names causes that say something new, a line each", () => {
  const root = new Error("permission denied\nand a long story");
  const same = new Error("no BTF", { cause: root });
  const failure = describeFailure(unsupportedError("Cannot load: no BTF", same), false);
  deepEqual(failure.causes, ["permission denied"]);
  deepEqual(failureLines(failure), [
    "ebpf-agent: Cannot load: no BTF",
    "  cause: permission denied",
  ]);
});

Deno.test("describeFailure() takes causes that are no errors, and that go round in a circle", () => {
  deepEqual(describeFailure(failedError("a", "text"), false).causes, ["text"]);
  const one = new Error("one");
  const two = new Error("two", { cause: one });
  one.cause = two;
  deepEqual(describeFailure(one, false).causes, ["two"]);
});

Deno.test("describeFailure() calls everything else a fault of the agent's, with a hint", () => {
  for (const thrown of [new TypeError("x is undefined"), "text", undefined, null, 7]) {
    const failure = describeFailure(thrown, false);
    equal(failure.exitCode, EXIT.failed);
    equal(failure.message, String(thrown));
    match(failure.hint ?? "", /fault in ebpf-agent itself.*EBPF_AGENT_LOG_LEVEL=debug/);
    equal(failure.stack, undefined);
  }
});

Deno.test("describeFailure() asks for more open files, wherever they were too few", () => {
  const causes = ["Cannot open a: EMFILE", "Too many open files (os error 24)"];
  for (const thrown of causes.flatMap((text) => [new Error(text), failedError("a", Error(text))])) {
    const { hint, exitCode } = describeFailure(thrown, false);
    match(hint ?? "", /more open files/);
    equal(exitCode, EXIT.failed);
  }
});

Deno.test("describeFailure() gives the stack where debugging was asked for", () => {
  match(describeFailure(failedError("a: b"), true).stack ?? "", /at .*failure_test\.ts:\d+/);
  match(describeFailure(new Error("a"), true).stack ?? "", /at .*failure_test\.ts:\d+/);
});

Deno.test("failureLines() indents what follows, so that nothing looks like another error", () => {
  deepEqual(failureLines(describeFailure(failedError("one\nebpf-agent: forged\u001b[2J"), false)), [
    "ebpf-agent: one",
    "  ebpf-agent: forged\\u001b[2J",
  ]);
});
