/** The hash of names: what it depends on; that the kernel's side has the same, rules show. @module */
import assert from "node:assert/strict";
import { hashBytes, nameBucket, randomHashKey } from "./hash.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const KEY = { seed: 1n, factor: 0x9e3779b97f4a7c15n };

Deno.test("hashBytes() tells apart what differs in a byte, a length or a NUL", () => {
  const texts = ["", "a", "b", "a\0", "aaaaaaaa", "aaaaaaaaa", "aaaaaaaab", "aaaaaaaaaaaaaaaaa"];
  assert.equal(new Set(texts.map((text) => hashBytes(bytes(text), KEY))).size, texts.length);
});

Deno.test("hashBytes() does not let the uppermost bits of two words cancel each other out", () => {
  // With one multiplication a word they would, whatever the key.
  const name = new Uint8Array(16).fill(0x61);
  const forged = name.slice();
  forged[7] ^= 0x80;
  for (const flipped of [[15], [11, 15], [15, 12], [8, 11, 15]]) {
    const other = forged.slice();
    for (const at of flipped) other[at] ^= at === 15 ? 0x80 : 0x04;
    assert.notEqual(hashBytes(other, KEY), hashBytes(name, KEY));
  }
});

Deno.test("randomHashKey() is another each time, with an odd factor", () => {
  const [one, two] = [randomHashKey(), randomHashKey()];
  assert.notEqual(hashBytes(bytes("x"), one), hashBytes(bytes("x"), two));
  assert.equal(one.factor & 1n, 1n);
});

Deno.test("nameBucket() goes by the first eight bytes and the length", () => {
  const bucket = (text: string) => nameBucket(bytes(text));
  assert.equal(bucket("authorized_keys"), bucket("authoriz-------"));
  assert.notEqual(bucket("authorized_keys"), bucket("authorized_key"));
  assert.notEqual(bucket("shadow"), bucket("gshado"));
  assert.ok(bucket("a") >= 0 && bucket("a") < 1024);
});
