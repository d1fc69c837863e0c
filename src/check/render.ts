/** The report for people: aligned, a line each, the verdict last. @module */
import { wrap } from "../cli/wrap.ts";
import { escapeControls } from "../log.ts";
import type { Proof, Report, Requirement, Status } from "./report.ts";

const WIDTH = 100;
const GAP = 2;
const STATUS_WIDTH = 12;

/** Lines of at most 100 columns, as far as words allow. */
export function renderReport(report: Report): string {
  const { requirements, proof } = report;
  const left = widthOf(requirements);
  const proofLeft = widthOf(proof);
  const lines = [
    "Requirements",
    ...requirements.flatMap((requirement) => requirementLines(requirement, left)),
    "",
    "Proof: events that were made just now, and whether they were seen",
    ...proof.flatMap((one) => row(one, proofText(one), proofLeft)),
    "",
    ...verdictLines(report),
  ];
  return `${lines.map(escapeControls).join("\n")}\n`;
}

function widthOf(rows: readonly { readonly id: string }[]): number {
  return Math.max(...rows.map(({ id }) => id.length)) + GAP;
}

function proofText({ status, what, found }: Proof): string {
  return status === "seen" ? what : `${what}: ${found}`;
}

function requirementLines(requirement: Requirement, left: number): readonly string[] {
  const { found, details = [], remedy } = requirement;
  const below = [...details, ...(remedy === null ? [] : [`-> ${remedy}`])];
  const indent = " ".repeat(STATUS_WIDTH + left);
  return [
    ...row(requirement, found, left),
    ...below.flatMap((text) => wrap(text, WIDTH - indent.length)).map((line) => indent + line),
  ];
}

function row(
  { id, status }: Pick<Requirement, "id"> & { readonly status: Status | Proof["status"] },
  text: string,
  left: number,
): readonly string[] {
  const head = `  ${status.padEnd(STATUS_WIDTH - 2)}${id.padEnd(left)}`;
  const indent = " ".repeat(head.length);
  return wrap(text, WIDTH - head.length)
    .map((line, index) => `${index === 0 ? head : indent}${line}`);
}

function verdictLines({ verdict, requirements }: Report): readonly string[] {
  const idsOf = (...statuses: readonly Status[]) =>
    requirements.filter(({ status }) => statuses.includes(status)).map(({ id }) => id).join(", ");
  switch (verdict) {
    case "ok":
      return ["Verdict: ok. The agent runs here, and sees all that there is"];
    case "degraded":
      return wrap(
        `Verdict: degraded. The agent runs here; see ${idsOf("degraded", "missing")}`,
        WIDTH,
      );
    case "missing":
      return wrap(`Verdict: missing. The agent cannot run here; see ${idsOf("missing")}`, WIDTH);
  }
}
