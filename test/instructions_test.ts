/** What an event costs, counted in instructions: a guard against slow changes that needs no clock. @module */
import assert from "node:assert/strict";
import { countPerEvent, ENGINE, MOST_GROWTH, readFigures } from "../bench/instructions/count.ts";
import { readLines, recordOf } from "../bench/instructions/recorded.ts";
import { REPLAYED } from "../bench/replay/replay.ts";
import { createJsonFormat } from "../src/outputs/json_lines.ts";
import { lineOf } from "../src/outputs/record_fixture.ts";
import { decodeText } from "./harness/bytes.ts";

const RECORDED = new URL("../bench/instructions/recorded.jsonl", import.meta.url);

const TAKE_OVER = "Take the counts over as the figures with: deno task instructions --write";

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

Deno.test("an event takes no more instructions than before, in any format", async () => {
  const figures = readFigures()[ENGINE];
  assert.ok(figures, `There are no figures for ${ENGINE}. ${TAKE_OVER}`);
  const counts = await Promise.all(REPLAYED.map(countPerEvent));
  const grown = REPLAYED.flatMap((work, index) => {
    const [before, now] = [figures[work], counts[index]];
    return now > before * (1 + MOST_GROWTH)
      ? [`${work}: ${now} instructions, ${before} before`]
      : [];
  });
  assert.deepEqual(
    grown,
    [],
    `More than ${MOST_GROWTH * 100} % above. Find out why, or: ${TAKE_OVER}`,
  );
});
