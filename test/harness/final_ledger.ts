/** Reads the ledger that the agent prints at its end. @module */
import assert from "node:assert/strict";
import { type Kind, KINDS, type Ledger, type Row, violations } from "./ledger.ts";

/** The ledger at exit; `inRing` is what was written and never taken out. */
export type FinalLedger = Ledger & Readonly<Record<Kind, { readonly inRing: number }>>;

/** Finds the ledger's lines, one a kind, in what the agent wrote to stderr. */
export function finalLedger(stderr: string): FinalLedger {
  return Object.fromEntries(KINDS.map((kind) => [kind, finalRow(kind, stderr)])) as FinalLedger;
}

/** An agent that ended well, and whose ledger closes to the unit with nothing left over. */
export function assertClosed(
  { code, stderr }: { readonly code: number; readonly stderr: string },
): FinalLedger {
  assert.equal(code, 0, stderr);
  const ledger = finalLedger(stderr);
  assert.deepEqual(violations(ledger), [], stderr);
  for (const kind of KINDS) {
    const { queued, inRing, missed } = ledger[kind];
    assert.deepEqual({ queued, inRing, missed }, { queued: 0, inRing: 0, missed: 0 }, stderr);
  }
  return ledger;
}

function finalRow(kind: Kind, stderr: string): Row & { readonly inRing: number } {
  const line = stderr.split("\n").find((line) => line.includes(`${kind}: seen `));
  if (line === undefined) {
    throw new Error(`There is no line of the ledger for ${kind} at the end of:\n${stderr}`);
  }
  const numbers = (pattern: RegExp) => (pattern.exec(line)?.slice(1) ?? []).map(Number);
  const [seen = NaN, filtered = NaN, submitted = NaN, lost = NaN] = numbers(
    /seen (\d+) = filtered (\d+) \+ submitted (\d+) \+ lost (\d+)/,
  );
  const [received = NaN, inRing = NaN] = numbers(/ = received (\d+) \+ in ring (\d+)/);
  const [withheld = 0] = numbers(/ = withheld (\d+) /);
  const [emitted = 0, dropped = 0, queued = 0] = numbers(
    /emitted (\d+) \+ dropped (\d+) \+ queued (\d+)/,
  );
  const [missed = NaN] = numbers(/missed (\d+)/);
  const row = {
    seen,
    filtered,
    submitted,
    lost,
    received,
    inRing,
    withheld,
    emitted,
    dropped,
    queued,
    missed,
  };
  if (Object.values(row).some(Number.isNaN)) throw new Error(`Cannot read the ledger: ${line}`);
  return row;
}
