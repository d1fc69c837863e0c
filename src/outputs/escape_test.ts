/** Hostile names: what is written can be turned back, and cannot act on a terminal. @module */
import assert from "node:assert/strict";
import { viewOf } from "../events/ring.ts";
import { putEscaped, putJsonString } from "./escape.ts";
import { hostileName, randomNumbers } from "./hostile_fixture.ts";

type Put = typeof putEscaped;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
/** What must never reach a terminal, written as code points of the output's text. */
// deno-lint-ignore no-control-regex -- these are what it looks for
const ACTS_ON_TERMINAL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** What is written of `name` where it stands at `start` among other bytes, and the returned offset. */
function written(putName: Put, name: Uint8Array, start = 4, growth = 6) {
  const source = viewOf(new ArrayBuffer(Math.ceil((start + name.length + 8) / 4) * 4));
  source.bytes.fill(0xbf).set(name, start);
  const out = new Uint8Array(1 + name.length * growth + 2 + 3);
  const end = putName(source, start, start + name.length, new DataView(out.buffer), 1);
  return { bytes: out.subarray(1, end < 0 ? ~end : end), replaced: end < 0 };
}

function escaped(name: string | Uint8Array): string {
  const bytes = typeof name === "string" ? ENCODER.encode(name) : name;
  return DECODER.decode(written(putEscaped, bytes, 4, 4).bytes);
}

/** What somebody does who wants the original bytes. */
function unescape(text: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== 0x5c) bytes.push(text[at]);
    else if (text[at + 1] === 0x5c) bytes.push(text[++at]);
    else {
      const digits = DECODER.decode(text.subarray(at + 1, at + 4));
      assert.match(digits, /^x[0-9a-f]{2}$/);
      bytes.push(parseInt(digits.slice(1), 16));
      at += 3;
    }
  }
  return Uint8Array.from(bytes);
}

Deno.test("putEscaped() escapes as the table says", () => {
  const table: [string | Uint8Array, string][] = [
    ["/etc/passwd", "/etc/passwd"],
    ["/tmp/a b'\"c", "/tmp/a b'\"c"],
    ["a\nb", "a\\x0ab"],
    ["\x1b[31m", "\\x1b[31m"],
    ["\x7f", "\\x7f"],
    ["C:\\x41", "C:\\\\x41"],
    ["héllo 日本 🐝 \u00a0\u200d\ufffd", "héllo 日本 🐝 \u00a0\u200d\ufffd"],
    ["\u009b31m", "\\xc2\\x9b31m"],
    ["\u202etxt", "\\xe2\\x80\\xaetxt"],
    ["\u061c\u200f\u2069", "\\xd8\\x9c\\xe2\\x80\\x8f\\xe2\\x81\\xa9"],
    ["\u2028\u2029", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"],
    [Uint8Array.of(0x61, 0x9b, 0x62), "a\\x9bb"],
    [Uint8Array.of(0xc0, 0xaf), "\\xc0\\xaf"],
    [Uint8Array.of(0xed, 0xa0, 0x80), "\\xed\\xa0\\x80"],
    [Uint8Array.of(0xf4, 0x90, 0x80, 0x80), "\\xf4\\x90\\x80\\x80"],
    [Uint8Array.of(0xe2, 0x82), "\\xe2\\x82"],
  ];
  for (const [name, text] of table) assert.equal(escaped(name), text);
});

Deno.test("putEscaped() can be turned back and leaves nothing that acts on a terminal", () => {
  const next = randomNumbers(4);
  for (let i = 0; i < 10_000; i++) {
    const name = hostileName(next, 60);
    const { bytes } = written(putEscaped, name, i & 3, 4);
    assert.deepEqual(unescape(bytes), name);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    assert.doesNotMatch(text, ACTS_ON_TERMINAL);
  }
});

Deno.test("putEscaped() leaves harmless UTF-8 as it is", () => {
  const next = randomNumbers(5);
  for (let i = 0; i < 10_000; i++) {
    const name = DECODER.decode(hostileName(next, 60)).replaceAll("\\", "/")
      .replace(new RegExp(ACTS_ON_TERMINAL, "g"), "_");
    assert.equal(escaped(name), name);
  }
});

Deno.test("putEscaped() sees each byte at each place in a word", () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let place = 0; place < 8; place++) {
      for (const fill of [0x20, 0x7e, 0x5b, 0x5d, 0x21, 0x23]) {
        const name = new Uint8Array(9).fill(fill);
        name[place] = byte;
        const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
        const { bytes } = written(putEscaped, name, 4, 4);
        assert.equal(bytes.length, plain ? 9 : byte === 0x5c ? 10 : 12);
        assert.deepEqual(unescape(bytes), name);
      }
    }
  }
});

Deno.test("putJsonString() is what TextDecoder reads, and tells where that is not all", () => {
  const next = randomNumbers(6);
  for (let i = 0; i < 10_000; i++) {
    const name = hostileName(next, 60);
    const { bytes, replaced } = written(putJsonString, name, i & 3);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    assert.equal(JSON.parse(text), DECODER.decode(name));
    assert.doesNotMatch(text, ACTS_ON_TERMINAL);
    const isUtf8 = name.toString() === ENCODER.encode(DECODER.decode(name)).toString();
    assert.equal(replaced, !isUtf8);
  }
});

Deno.test("putJsonString() sees each byte at each place in a word", () => {
  for (let byte = 0; byte < 128; byte++) {
    for (let place = 0; place < 8; place++) {
      const name = new Uint8Array(9).fill(0x23);
      name[place] = byte;
      const text = DECODER.decode(written(putJsonString, name).bytes);
      assert.equal(JSON.parse(text), DECODER.decode(name));
      const stringified = JSON.stringify(DECODER.decode(name));
      assert.equal(text, byte === 0x7f ? stringified.replace("\x7f", "\\u007f") : stringified);
    }
  }
});
