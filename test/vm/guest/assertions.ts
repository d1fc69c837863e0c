/** What has to hold of a session's events and of its ledger. @module */
import assert from "node:assert/strict";
import { type Kind, KINDS, violations } from "../../harness/ledger.ts";
import type { Metrics } from "../../harness/metrics.ts";
import { describeHooks, type Told } from "./session.ts";

/** Nothing was told that was not done; what was done and not told is counted as missed or lost. */
export function assertTold({ differences, ledger, end }: Told, kind: Kind): void {
  const { missing, unexpected } = differences[kind];
  const { missed, lost } = ledger[kind];
  const shown = {
    missing: missing.slice(0, SHOWN),
    unexpected: unexpected.slice(0, SHOWN),
    numbers: { missing: missing.length, unexpected: unexpected.length, missed, lost },
  };
  assert.ok(
    unexpected.length === 0 && missing.length <= missed + lost,
    `${JSON.stringify(shown, null, 1)}\n${end.stderr}`,
  );
}

export function assertAllTold(told: Told): string {
  for (const kind of KINDS) assertTold(told, kind);
  assert.equal(told.end.code, 0, told.end.stderr);
  assert.deepEqual(violations(told.ledger), [], told.end.stderr);
  return describeHooks(told);
}

/**
 * Each open of a stage that was not told is counted as lost or missed. More may be: the kernel counts
 * programs that it did not run, of which a hook has several, some at every system call. Fewer may be
 * where the agent announces one of these blind spots, on a kernel that does not count kprobes' misses.
 */
export function assertCounted(
  { stages, ledger, metrics, end }: Told,
  name: string,
  spots: readonly string[] = [],
): string {
  assert.deepEqual(violations(ledger), [], end.stderr);
  assert.equal(end.code, 0, end.stderr);
  const opens = stages[name];
  assert.ok(opens !== undefined && opens.done > 0, `${name}: ${JSON.stringify(opens)}`);
  const { done, told, lost, missed } = opens;
  const announced = spots.filter((spot) => isAnnounced(metrics, spot));
  const numbers = `${done} opens: told ${told}, lost ${lost}, missed ${missed}`;
  const excused = announced.length > 0 && !countsMissesOfKprobes(Deno.osRelease());
  assert.ok(told <= done && (told + lost + missed >= done || excused), numbers);
  return [numbers, ...announced].join(", ");
}

/** As above, to the unit: for a hook that misses nothing, while nobody else opens anything. */
export function assertCountedExactly(told: Told, name: string): string {
  const numbers = assertCounted(told, name);
  const { done = 0, told: seen = 0, lost = 0, missed = 0 } = told.stages[name] ?? {};
  assert.equal(seen + lost + missed, done, numbers);
  return numbers;
}

/** Each open of a stage was told, but for what the kernel did not run a program for. */
export function assertNothingLost(told: Told, name: string): string {
  const numbers = assertCounted(told, name);
  assert.equal(told.stages[name]?.lost, 0, numbers);
  return numbers;
}

/** Linux does from 6.7 on. */
function countsMissesOfKprobes(release: string): boolean {
  const [major, minor] = release.split(".").map((part) => parseInt(part));
  return major > 6 || (major === 6 && minor >= 7);
}

function isAnnounced(metrics: Metrics, spot: string): boolean {
  return metrics.has(`ebpf_agent_blind_spot{event="open",spot="${spot}"}`);
}

const SHOWN = 3;
