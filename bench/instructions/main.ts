/** Counts the instructions of an event, and with --write takes them over as the figures to compare with. @module */
import { REPLAYED, type Replayed } from "../replay/replay.ts";
import { countPerEvent, ENGINE, readFigures, writeFigures } from "./count.ts";

const known = readFigures()[ENGINE];
const counts: Record<Replayed, number> = { text: 0, json: 0 };
for (const work of REPLAYED) {
  counts[work] = await countPerEvent(work);
  say(`${work}: ${counts[work]} instructions an event (${known?.[work] ?? "no figure"} before)`);
}
if (Deno.args.includes("--write")) {
  writeFigures(counts);
  say(`Took them over for ${ENGINE}`);
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
