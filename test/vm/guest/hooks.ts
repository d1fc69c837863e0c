/** Every hook of the catalogue in turn tells of exactly what was done. @module */
import assert from "node:assert/strict";
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import type { Blindness } from "../../harness/expected.ts";
import { type Kind, KINDS, violations } from "../../harness/ledger.ts";
import { once } from "./once.ts";
import { crowd, describeHooks, session, type Told } from "./session.ts";
import type { Check } from "./tap.ts";

/** One hook for each kind at a time; kinds with fewer hooks than others begin anew. */
export function hookChecks(): readonly Check[] {
  const rounds = Math.max(...KINDS.map((kind) => CATALOGUE[kind].length));
  return Array.from({ length: rounds }, (_, round) => {
    const hooks = KINDS.map((kind) => hookIn(round, kind));
    const told = once(() => useHooks(hooks));
    return [
      ...hooks.filter(({ anew }) => !anew).map(({ kind, hook }) => ({
        name: `${kind} events by ${hook} are exactly what was done`,
        run: async () => assertExact(await told(), kind, hook),
      })),
      {
        name: `opens by many processes on each CPU: happened is seen and missed, by ${
          hooks[2]?.hook
        }`,
        run: async () => assertCounted(await told()),
      },
    ];
  }).flat();
}

interface ForcedHook {
  readonly kind: Kind;
  readonly hook: string;
  /** It has been in an earlier round. */
  readonly anew: boolean;
}

function hookIn(round: number, kind: Kind): ForcedHook {
  const hooks = CATALOGUE[kind];
  return { kind, hook: hooks[round % hooks.length]?.name ?? "", anew: round >= hooks.length };
}

/** What a hook does not tell, as the agent itself announces; a hook that is not here tells all. */
const BLIND: Readonly<Record<string, Blindness | undefined>> = {
  "exec by tracepoint": { argsCount: true, ia32: true },
  "open by fexit": { descriptor: true },
  "open by kprobe": { descriptor: true },
  "open by tracepoint": { ia32: true },
  "privilege by tracepoint": { ia32: true },
};

const OPERATIONS = ["opens", "clones", "io-worker", "execs", "refused-execs"];
const USERS = ["users", "setuid-program"];
const IA32 = ["ia32-phantoms", "ia32-real"];

function useHooks(hooks: readonly ForcedHook[]): Promise<Told> {
  const blind: Blindness = Object.assign(
    {},
    ...hooks.map(({ kind, hook }) => BLIND[`${kind} by ${hook}`]),
  );
  return session({
    args: hooks.map(({ kind, hook }) => `--probe.${kind}=${hook}`),
    operations: [...OPERATIONS, ...USERS, ...(blind.ia32 ? [] : IA32)],
    blind,
    opens: crowd,
  });
}

function assertExact(told: Told, kind: Kind, hook: string): string {
  assert.equal(told.hooks[kind], hook, told.end.stderr);
  const { missing, unexpected } = told.differences[kind];
  const { missed } = told.ledger[kind];
  const shown = { missing: missing.slice(0, 3), unexpected: unexpected.slice(0, 3), missed };
  assert.ok(missing.length <= missed && unexpected.length === 0, JSON.stringify(shown, null, 1));
  return describeHooks(told);
}

function assertCounted(told: Told): string {
  const { opens, ledger, end } = told;
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(violations(ledger), [], end.stderr);
  const { lost, missed } = ledger.open;
  const untold = opens.done - opens.told + told.differences.open.missing.length;
  const numbers = `${untold} of ${opens.done} opens not told, ${lost} lost, ${missed} missed`;
  assert.equal(untold, lost + missed, numbers);
  return numbers;
}
