/** Runs `check --json` and reads its report; written apart from what it tests. @module */
import { type AgentOptions, runAgent } from "./agent.ts";

export interface CheckReport {
  readonly verdict: string;
  readonly requirements: readonly CheckRequirement[];
  readonly proof: readonly CheckProof[];
}

export interface CheckRequirement {
  readonly id: string;
  readonly status: string;
  readonly found: string;
  readonly remedy: string | null;
  readonly hook?: string | null;
  readonly blind_spots?: readonly { readonly id: string }[];
}

export interface CheckProof {
  readonly id: string;
  readonly event: string;
  readonly status: string;
  readonly found: string;
}

/** A report, and how the command ended that wrote it. */
export interface Checked {
  readonly code: number;
  readonly report: CheckReport;
  readonly stderr: string;
}

/** Addresses of their own, so that an agent beside the tests is not in the way. */
const FREE_PORT = { EBPF_AGENT_WEB_LISTEN_ADDRESS: "127.0.0.1:0" };

/** Checks with a report in JSON. */
export async function check(options: Omit<AgentOptions, "stdout"> = {}): Promise<Checked> {
  const { code, stdout, stderr } = await runCheck({ ...options, args: ["--json"] });
  try {
    return { code, stderr, report: JSON.parse(stdout) };
  } catch (cause) {
    throw new Error(`No report, but ${JSON.stringify(stdout)} and:\n${stderr}`, { cause });
  }
}

/** Checks with the report that people read. */
export function runCheck({ wrap, root, env, args = [] }: Omit<AgentOptions, "stdout">) {
  return runAgent(["check", ...args], { wrap, root, env: { ...FREE_PORT, ...env } });
}

/** Of each requirement and proof its status. */
export function statuses({ report }: Checked): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...report.requirements, ...report.proof].map(({ id, status }) => [id, status]),
  );
}

/** The requirement or proof of this name. */
export function line({ report }: Checked, id: string): CheckRequirement | CheckProof {
  const found = [...report.requirements, ...report.proof].find((line) => line.id === id);
  if (found === undefined) throw new Error(`There is no ${id} in ${JSON.stringify(report)}`);
  return found;
}
