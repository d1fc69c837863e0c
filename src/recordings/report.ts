/** What `ebpf-agent test` tells of a recording. @module */
import { usageError } from "../errors.ts";
import { describeDifference } from "../rules/comparison.ts";
import type { Rule } from "../rules/rule.ts";
import { count, type Report } from "../rules/report.ts";
import { type Replay, replay } from "./replay.ts";
import type { Source } from "./reader.ts";

const MOST_DIFFERENCES = 20;

/** Holds rules against a recording, as far as it is whole. */
export function reportRecording(source: Source, rules: readonly Rule[]): Report {
  const found = replay(source, rules, MOST_DIFFERENCES);
  const { events, compared, differing, damage } = found;
  const readable = count(events, "event") + (damage === undefined ? "" : " before the damage");
  return {
    lines: events === 0 ? [] : [
      ...differenceLines(found, rules),
      `${source.name}: ${readable}, of which match`,
      ...countLines(found, rules),
      ...(compared === 0 ? [NOT_COMPARED] : []),
      "",
    ],
    events,
    compared,
    differing,
    fault: damage && usageError(damage.message, damage),
  };
}

const NOT_COMPARED = "Nothing is compared with what matched when it was recorded: of these rules " +
  "the recording tells nothing";

function differenceLines(
  { differences, differing }: Replay,
  rules: readonly Rule[],
): readonly string[] {
  const more = differing - differences.length;
  return [
    ...differences.flatMap((difference) => [...describeDifference(difference, rules), ""]),
    ...(more > 0 ? [`... and ${more} more such events`, ""] : []),
  ];
}

function countLines({ matched, undecided }: Replay, rules: readonly Rule[]): readonly string[] {
  const width = Math.max(0, ...rules.map(({ name }) => name.length));
  return rules.map(({ name }) => {
    const unsure = undecided.get(name) ?? 0;
    const note = unsure === 0 ? "" : ` (${unsure} more where the recording does not tell enough)`;
    return `  ${name.padEnd(width)}  ${matched.get(name)}${note}`;
  });
}
