/** Base64, compared with the engine's own. @module */
import assert from "node:assert/strict";
import { putBase64 } from "./base64.ts";
import { randomNumbers } from "./hostile_fixture.ts";

Deno.test("putBase64() writes what btoa() does, of any length", () => {
  const next = randomNumbers(2);
  for (let size = 0; size < 300; size++) {
    const bytes = Uint8Array.from({ length: size + 2 }, () => next() >>> 24);
    const expected = btoa(String.fromCharCode(...bytes.subarray(1, size + 1)));
    const out = new Uint8Array(expected.length);
    const end = putBase64(bytes, 1, size + 1, new DataView(out.buffer), 0);
    assert.equal(end, out.length);
    assert.equal(new TextDecoder().decode(out), expected);
  }
});
