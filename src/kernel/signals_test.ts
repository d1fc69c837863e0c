/** The declaration against the C library's header; what it does is seen on a running agent. @module */
import assert from "node:assert/strict";
import { differences, functionsOf } from "../libbpf/testing.ts";
import { SIGNAL_SYMBOLS } from "./signals.ts";

Deno.test("SIGNAL_SYMBOLS agrees with the C library's header", async () => {
  assert.deepEqual(differences(SIGNAL_SYMBOLS, await functionsOf(["signal.h"])), []);
});
