/** Makes one event of each kind, in every way there is, and says which of them were seen. @module */
import { PerCpuArray } from "../libbpf/map.ts";
import { sumCounters } from "../counters/kernel_counters.ts";
import { Drain } from "../events/drain.ts";
import { EVENT_KINDS, type PerKind, perKind } from "../events/kinds.ts";
import { errnoName } from "../kernel/errno.ts";
import type { Libc } from "../kernel/libc.ts";
import { blindSpots } from "../probes/coverage.ts";
import type { Probes, ProbeState } from "../probes/probes.ts";
import {
  type Account,
  type Deed,
  DEEDS,
  isAbsent,
  isSightingOf,
  type Sighting,
  wasMade,
} from "./deeds.ts";
import { readHelper, runHelper } from "./helper.ts";
import type { Proof, ProofStatus } from "./report.ts";
import { Sightings } from "./sightings.ts";

/** One run of the proving program, and what was delivered of it. */
export interface Trial {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly sightings: readonly Sighting[];
  /** Events that found no room in the ring meanwhile: any of them may have been one of these. */
  readonly lost: PerKind<number>;
}

/** How a deed ended. */
interface Outcome {
  readonly status: ProofStatus;
  readonly found: string;
}

/**
 * A preempted program makes the kernel skip it for others on its CPU, which a second attempt is
 * unlikely to meet again.
 */
const ATTEMPTS = 3;
const DRAIN_MS = 5;
const NO_LIMIT = Infinity;

/** Makes the events until each was seen, or is known not to be. Throws a HelperError where none can be made. */
export async function prove(libc: Libc, probes: Probes): Promise<readonly Trial[]> {
  const image = readHelper();
  const trials: Trial[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const trial = await tryOnce(libc, probes, image);
    trials.push(trial);
    const lost = EVENT_KINDS.some((event) => trial.lost[event] > 0);
    if (!lost && !judge(trials, probes.states).some(({ status }) => status === "missing")) break;
  }
  return trials;
}

/** What the trials prove about each deed: seen in one is seen, and so is seen too often. */
export function judge(trials: readonly Trial[], states: PerKind<ProbeState>): readonly Proof[] {
  return DEEDS.map((deed) => {
    const outcomes = trials.map((trial) => judgeOne(deed, trial, states[deed.event]));
    const best = outcomes.find(({ status }) => status === "repeated") ??
      outcomes.find(({ status }) => status === "seen") ?? outcomes.at(-1);
    const { status, found } = best ?? { status: "untested", found: "nothing was made" };
    return { id: `proof.${deed.id}`, event: deed.event, status, what: deed.what, found };
  });
}

/** Every deed as untested, for one reason. */
export function untested(because: string): readonly Proof[] {
  return DEEDS.map(({ id, event, what }) => ({
    id: `proof.${id}`,
    event,
    status: "untested",
    what,
    found: because,
  }));
}

/** Blind spots that are none on this kernel, because it has no such call at all. */
export function absentSpots(trials: readonly Trial[]): ReadonlySet<string> {
  const absent = DEEDS.filter(({ id }) =>
    trials.some(({ accounts }) => {
      const account = accounts.get(id);
      return account !== undefined && isAbsent(account);
    })
  );
  return new Set(absent.flatMap(({ spot }) => spot === undefined ? [] : [spot]));
}

async function tryOnce(
  libc: Libc,
  probes: Probes,
  image: Uint8Array<ArrayBuffer>,
): Promise<Trial> {
  const prefix = newPrefix();
  const sightings = new Sightings(prefix);
  const drain = new Drain(probes.rings.events, [sightings]);
  const before = readLost(probes);
  let running = true;
  const draining = (async () => {
    do {
      drain.run(NO_LIMIT);
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    } while (running);
    drain.run(NO_LIMIT);
  })();
  try {
    const accounts = await runHelper(libc, image, { prefix });
    running = false;
    await draining;
    const after = readLost(probes);
    const lost = perKind((event) => after[event] - before[event]);
    return { accounts, sightings: sightings.list, lost };
  } finally {
    running = false;
    await draining;
  }
}

function judgeOne(deed: Deed, trial: Trial, state: ProbeState): Outcome {
  const account = trial.accounts.get(deed.id);
  if (account === undefined) return { status: "untested", found: "it was not made" };
  if (!wasMade(deed, account)) return { status: "untested", found: whyNotMade(account) };
  const seen = trial.sightings.filter((sighting) => isSightingOf(deed, account, sighting)).length;
  if (seen === 1) return { status: "seen", found: "seen" };
  if (seen > 1) return { status: "repeated", found: `seen ${seen} times` };
  if (state.state === "missing") {
    return { status: "blind", found: `not seen: ${deed.event} events are not watched` };
  }
  if (blindSpots(deed.event, state).some(({ id }) => id === deed.spot)) {
    return { status: "blind", found: `not seen by ${state.hook}, as known` };
  }
  const lost = trial.lost[deed.event];
  if (lost > 0) {
    return { status: "untested", found: `not seen, but ${lost} ${deed.event} events were lost` };
  }
  return { status: "missing", found: `not seen by ${state.hook}, and not known to be missed` };
}

function whyNotMade(account: Account): string {
  const { result, signal } = account;
  if (isAbsent(account)) return "this kernel has no such call";
  if (signal !== 0) return `the call ended its process by signal ${signal}`;
  return result < 0 ? `cannot be made here (${errnoName(-result)})` : "cannot be made here";
}

/** Eleven characters, so that two digits still fit into a task's name; of no other check at work. */
function newPrefix(): string {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  return `chk${number.toString(36).padStart(7, "0")}-`;
}

function readLost(probes: Probes): PerKind<number> {
  const counters = new PerCpuArray(probes.object.map("counters"));
  const buffer = counters.buffer();
  counters.readPerCpu(0, buffer);
  const { events } = sumCounters(buffer);
  return perKind((event) => events[event].lost);
}
