/** What `ebpf-agent test` tells of a recording. @module */
import { describeDifference } from "../rules/comparison.ts";
import type { Rule } from "../rules/rule.ts";
import type { Report } from "../rules/report.ts";
import { replay } from "./replay.ts";
import type { Source } from "./reader.ts";

const MOST_DIFFERENCES = 20;

/** Holds rules against a whole recording. Throws a RecordingError where it is damaged. */
export function reportRecording(source: Source, rules: readonly Rule[]): Report {
  const { events, matched, undecided, differences, differing, compared } = replay(
    source,
    rules,
    MOST_DIFFERENCES,
  );
  const width = Math.max(0, ...rules.map(({ name }) => name.length));
  const counts = rules.map(({ name }) => {
    const unsure = undecided.get(name) ?? 0;
    const note = unsure === 0 ? "" : ` (${unsure} more where the recording does not tell enough)`;
    return `  ${name.padEnd(width)}  ${matched.get(name)}${note}`;
  });
  const more = differing - differences.length;
  return {
    lines: [
      ...differences.flatMap((difference) => [...describeDifference(difference, rules), ""]),
      ...(more > 0 ? [`... and ${more} more such events`, ""] : []),
      `${source.name}: ${events} events, of which match`,
      ...counts,
      "",
    ],
    compared,
    differing,
  };
}
