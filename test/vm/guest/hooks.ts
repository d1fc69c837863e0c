/** Every hook of the catalogue in turn tells of exactly what was done. @module */
import assert from "node:assert/strict";
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import { type Kind, KINDS } from "../../harness/ledger.ts";
import { assertCounted, assertTold } from "./assertions.ts";
import { blindnessOf } from "./blindness.ts";
import { once } from "./once.ts";
import { describeHooks, session, type Told } from "./session.ts";
import { blockedOpens, crowd } from "./stages.ts";
import type { Check } from "./tap.ts";

/** One hook for each kind at a time; kinds with fewer hooks than others begin anew. */
export function hookChecks(): readonly Check[] {
  const rounds = Math.max(...KINDS.map((kind) => CATALOGUE[kind].length));
  return Array.from({ length: rounds }, (_, round) => checksOf(round)).flat();
}

interface ForcedHook {
  readonly kind: Kind;
  readonly name: string;
  /** It has been in an earlier round. */
  readonly again: boolean;
}

function checksOf(round: number): readonly Check[] {
  const hooks = KINDS.map((kind) => hookOf(kind, round));
  // The two transports take turns.
  const transport = round % 2 === 0 ? "perf" : "ring";
  const told = once(() => useHooks(hooks, transport));
  const opener = `${hookOf("open", round).name}, in a ${transport} buffer`;
  return [
    ...hooks.filter(({ again }) => !again).map(({ kind, name }) => ({
      name: `${kind} events by ${name} are exactly what was done`,
      run: async () => {
        assert.equal((await told()).hooks[kind], name, (await told()).end.stderr);
        assertTold(await told(), kind);
        return describeHooks(await told());
      },
    })),
    {
      name: `many processes on each CPU: what was not told is counted by ${opener}`,
      run: async () => assertCounted(await told(), "crowd", ["many_blocked"]),
    },
    {
      name: `a dozen opens that wait: what was not told is counted by ${opener}`,
      run: async () => assertCounted(await told(), "blockedOpens", ["many_blocked"]),
    },
  ];
}

function hookOf(kind: Kind, round: number): ForcedHook {
  const hooks = CATALOGUE[kind];
  return { kind, name: hooks[round % hooks.length]?.name ?? "", again: round >= hooks.length };
}

function useHooks(hooks: readonly ForcedHook[], transport: string): Promise<Told> {
  const { ia32 } = blindnessOf(Object.fromEntries(hooks.map(({ kind, name }) => [kind, name])));
  return session({
    args: [
      `--transport=${transport}`,
      ...hooks.map(({ kind, name }) => `--probe.${kind}=${name}`),
    ],
    operations: [...OPERATIONS, ...(ia32 ? [] : IA32)],
    stages: { crowd, blockedOpens },
  });
}

const OPERATIONS = [
  "opens",
  "clones",
  "io-worker",
  "execs",
  "refused-execs",
  "users",
  "setuid-program",
];
const IA32 = ["ia32-phantoms", "ia32-real"];
