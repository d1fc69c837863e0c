/** Runs checks one after the other, and reports each as a line of TAP. @module */

/** One thing that has to hold. */
export interface Check {
  readonly name: string;
  /** Throws where it does not hold; what it returns is shown as a remark. */
  readonly run: () => Promise<string | void>;
}

/** Runs all checks, also behind one that fails; returns how many failed. */
export async function runChecks(
  checks: readonly Check[],
  write: (text: string) => void,
): Promise<number> {
  write(`1..${checks.length}\n`);
  let failed = 0;
  for (const [index, { name, run }] of checks.entries()) {
    const started = performance.now();
    const { holds, remark } = await outcome(run);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (!holds) failed++;
    write(`${holds ? "ok" : "not ok"} ${index + 1} - ${name} (${seconds} s)\n`);
    write(remark.split("\n").filter((line) => line !== "").map((line) => `# ${line}\n`).join(""));
  }
  return failed;
}

async function outcome(run: Check["run"]): Promise<{ holds: boolean; remark: string }> {
  try {
    return { holds: true, remark: await run() ?? "" };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { holds: false, remark: text.slice(0, LONGEST_REMARK) };
  }
}

/** A serial line is slow. */
const LONGEST_REMARK = 6000;
