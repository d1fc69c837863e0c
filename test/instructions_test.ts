/** What an event costs, counted in instructions: a guard against slow changes that needs no clock. @module */
import assert from "node:assert/strict";
import {
  COUNTED,
  countPerEvent,
  ENGINE,
  MOST_GROWTH,
  readFigures,
} from "../bench/instructions/count.ts";
import { readLines, recordOf } from "../bench/instructions/recorded.ts";
import { createJsonFormat } from "../src/outputs/json_lines.ts";
import { lineOf } from "../src/outputs/record_fixture.ts";
import { decodeText } from "./harness/bytes.ts";

const RECORDED = new URL("../bench/instructions/recorded.jsonl", import.meta.url);

Deno.test("recordOf() gives back the record that a line was made from", () => {
  const format = createJsonFormat({ offsetSeconds: 0, offsetNanoseconds: 0 });
  for (const line of readLines(RECORDED)) {
    const again = JSON.parse(decodeText(lineOf(format, recordOf(line, true))));
    // A record has boot time, and its place in the output is another.
    again["@timestamp"] = line["@timestamp"];
    again.event.sequence = 0;
    assert.deepEqual(again, { ...line, event: { ...line.event, sequence: 0 } });
  }
});

for (const work of COUNTED) {
  Deno.test(`an event takes no more instructions than before: ${work}`, async () => {
    const figure = readFigures()[ENGINE]?.[work];
    assert.ok(
      figure,
      `There is no figure for ${ENGINE}. Run: deno task instructions --write`,
    );
    const count = await countPerEvent(work);
    assert.ok(
      count <= figure * (1 + MOST_GROWTH),
      `${count} instructions an event, ${figure} before: more than ${MOST_GROWTH * 100} % above. ` +
        "Find out why, or take them over with deno task instructions --write",
    );
  });
}
