import assert from "node:assert/strict";
import { openRecord } from "../outputs/record_fixture.ts";
import { Block } from "./block.ts";
import { BLOCK_HEADER_SIZE } from "./format.ts";
import { bytesOf } from "./recording_fixture.ts";

Deno.test("Block fills up with zeros, not with what stands behind a record", () => {
  const block = new Block(256);
  const { view, at, size } = openRecord({}, { path: "a" });
  block.add(2, view, at, size);
  const content = block.seal(1).subarray(BLOCK_HEADER_SIZE + 4);
  assert.deepEqual(content.subarray(0, size), bytesOf({ view, at, size }));
  assert.deepEqual([...content.subarray(size)], [0, 0, 0]);
});
