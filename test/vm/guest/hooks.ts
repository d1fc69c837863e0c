/** Every hook of the catalogue in turn tells of exactly what was done. @module */
import assert from "node:assert/strict";
import { CATALOGUE } from "../../../src/probes/catalogue.ts";
import { cellLine } from "../../adversary/cells.ts";
import {
  assertNothingWrong,
  type Survey,
  surveyOf,
  travel,
  type Trip,
} from "../../adversary/survey.ts";
import { type Kind, KINDS } from "../../harness/ledger.ts";
import { OpenRules } from "../../harness/rule_deeds.ts";
import { GUEST } from "../initrd.ts";
import { assertCounted, assertTold } from "./assertions.ts";
import { blindnessOf } from "./blindness.ts";
import { chosenHook } from "./conditions.ts";
import { ownGround } from "./ground.ts";
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
  const found = once(() => useHooks(hooks, transport));
  const told = async () => (await found()).told;
  const openHook = hookOf("open", round).name;
  const opener = `${openHook}, in a ${transport} buffer`;
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
    {
      name: `no road leads past ${openHook} unannounced`,
      run: async () => {
        const { survey } = await found();
        assertNothingWrong(survey);
        return survey.cells.map((cell) => cellLine({ ...cell, hook: openHook })).join("\n");
      },
    },
    {
      name: `rules about opens match exactly what their conditions say, by ${openHook}`,
      run: async () => (await found()).matched(),
    },
  ];
}

function hookOf(kind: Kind, round: number): ForcedHook {
  const hooks = CATALOGUE[kind];
  return { kind, name: hooks[round % hooks.length]?.name ?? "", again: round >= hooks.length };
}

/** What an agent told with these hooks, of all that it was given. */
interface Round {
  readonly told: Told;
  readonly survey: Survey;
  /** Fails where a rule did not match what it should; tells how much could be judged. */
  matched(): string;
}

async function useHooks(hooks: readonly ForcedHook[], transport: string): Promise<Round> {
  const named = Object.fromEntries(hooks.map(({ kind, name }) => [kind, name]));
  const tries = named.open === await chosenHook() ? MOST_TRIES : FEW_TRIES;
  await using rules = await OpenRules.create();
  await ownGround();
  const found: { trip?: Trip; judged?: number; mismatch?: unknown } = {};
  const told = await session({
    args: [
      `--transport=${transport}`,
      `--config.file=${rules.config}`,
      ...hooks.map(({ kind, name }) => `--probe.${kind}=${name}`),
    ],
    operations: [...OPERATIONS, ...(blindnessOf(named).ia32 ? [] : IA32)],
    stages: {
      crowd,
      blockedOpens,
      roads: async (_, agent) => {
        found.trip = await travel(agent, [GUEST.adversary, "-t", tries, "/etc", "passwd"]);
        return [];
      },
      rules: async (_, agent) => {
        found.judged = await rules.assertExact(agent).catch((error) => {
          found.mismatch = error;
          return 0;
        });
        return [];
      },
    },
  });
  if (found.trip === undefined) throw new Error("Cannot judge the roads: the session had no trip");
  return {
    told,
    survey: surveyOf({ ...found.trip, events: told.events }),
    matched() {
      if (found.mismatch !== undefined) throw found.mismatch;
      return `${found.judged} of 2 sets of rules; of the others the kernel missed events`;
    },
  };
}

/** Of roads that are races: each road's events take a while to be read in an emulated machine. */
const MOST_TRIES = "2000";
const FEW_TRIES = "200";

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
