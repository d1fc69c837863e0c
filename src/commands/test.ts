/** The command `test`: rules against events, with no root and no kernel. @module */
import { print } from "../cli/print.ts";
import { Problems } from "../documents/problems.ts";
import type { FileBytes } from "../documents/read_tree.ts";
import { decodeText, MOST_BYTES } from "../documents/text.ts";
import { EXIT, usageError } from "../errors.ts";
import { openLibc } from "../kernel/libc.ts";
import { openSource } from "../recordings/file_source.ts";
import { isRecording, SIGNATURE } from "../recordings/format.ts";
import type { Source } from "../recordings/reader.ts";
import { reportRecording } from "../recordings/report.ts";
import { type Report, reportCases, reportText } from "../rules/report.ts";
import type { Rule } from "../rules/rule.ts";
import { parseEventFile, parseRuleFiles, refuseUnknownRules } from "../rules/rule_file.ts";

export interface TestOptions {
  readonly ruleFiles: readonly string[];
  /** The name of a file: YAML or a recording. */
  readonly events: string | undefined;
}

/**
 * Runs the tests of rule files, and holds their rules against further events. Returns the exit code: 0
 * where all is as expected, 1 where not. Throws a usage error where a file is wrong; where only a part of
 * a recording can be read, once that part has been told of.
 */
export function test({ ruleFiles, events }: TestOptions): number {
  using stack = new DisposableStack();
  const libc = stack.use(openLibc());
  const open = (path: string) => stack.use(openSource(libc, path));
  const problems = new Problems();
  const files = parseRuleFiles(ruleFiles.map((path) => fileBytes(open(path))), problems);
  const rules = files.flatMap((file) => file.rules);
  const reportEvents = events === undefined ? undefined : readEvents(open(events), rules, problems);
  if (!problems.none) throw problems.error();
  const reports = files.map((file) => reportCases(file.cases, file.rules));
  if (reportEvents !== undefined) reports.push(reportEvents());
  print(reportText(reports, rules.length));
  for (const { fault } of reports) if (fault !== undefined) throw fault;
  return reports.some(({ differing }) => differing > 0) ? EXIT.failed : EXIT.done;
}

/** Reads events of either form; what is returned holds the rules against them. */
function readEvents(source: Source, rules: readonly Rule[], problems: Problems): () => Report {
  const start = source.read(0, Math.min(source.size, SIGNATURE.length));
  if (isRecording(start)) return () => withEvents(source, reportRecording(source, rules));
  const file = fileBytes(source);
  if (!isText(file)) {
    const place = { file: source.name, line: 1, column: 1 };
    problems.add(place, "this is neither a recording nor YAML with tests");
  }
  const cases = parseEventFile(file, problems);
  refuseUnknownRules(cases, rules, problems);
  return () => withEvents(source, reportCases(cases, rules));
}

/** Whoever names a file of events means some: without any, nothing was tested. */
function withEvents({ name }: Source, report: Report): Report {
  if (report.events > 0 || report.fault !== undefined) return report;
  const sentence = `Cannot hold the rules against ${name}: it has no events. Name a file with some`;
  return { ...report, fault: usageError(sentence) };
}

function isText({ name, bytes }: FileBytes): boolean {
  return decodeText(bytes, name, new Problems()) !== undefined;
}

/** Of a file that is too large as much as shows it. */
function fileBytes(source: Source): FileBytes {
  return { name: source.name, bytes: source.read(0, Math.min(source.size, MOST_BYTES + 1)) };
}
