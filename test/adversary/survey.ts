/** Sends the adversary by every road while an agent watches, and judges what it told. @module */
import assert from "node:assert/strict";
import { Agent } from "../harness/agent.ts";
import { compileFolder } from "../harness/c_program.ts";
import { at, parseEvents } from "../harness/events.ts";
import type { JsonEvent } from "../harness/expected.ts";
import { type Metrics, sample, samples } from "../harness/metrics.ts";
import { output } from "../harness/process.ts";
import { type Account, readAccounts } from "./accounts.ts";
import { judge, show, type Verdict } from "./verdict.ts";

/** Where the watched file is the agent's /etc/passwd, and may be replaced. */
export interface Ground {
  /** What the agent is started by, where it is to see another /etc. */
  readonly wrap?: readonly string[];
  /** What a command is started by that is to see the agent's. */
  inside(agent: Agent): readonly string[];
}

/** A road, and what became of it. */
export interface Cell {
  readonly road: string;
  readonly kind: "open" | "exec";
  readonly verdict: Verdict;
}

export interface Survey {
  readonly cells: readonly Cell[];
  /** `ebpf_passwd_read_events_total`, and what it has to be by what was told. */
  readonly passwd: { readonly counted: number; readonly expected: number };
  /** Events that the kernel ran no program for, or that found the ring full, as the agent counts them. */
  readonly unheard: number;
}

export interface JourneyOptions {
  readonly hook: string;
  /** The adversary, compiled. */
  readonly program: string;
  readonly ground: Ground;
  /** Further options of the agent. */
  readonly args?: readonly string[];
}

/** A trip by every road: what was done, and what the agent counted before and after. */
export interface Trip {
  readonly accounts: readonly Account[];
  readonly before: Metrics;
  readonly after: Metrics;
}

/** A trip with all events that the agent delivered, of others as well. */
export interface Journey extends Trip {
  readonly events: readonly JsonEvent[];
}

export interface JudgedRoad {
  readonly account: Account;
  readonly verdict: Verdict;
}

const KINDS = ["open", "exec"] as const;

/** Compiles the adversary, and says where it is. */
export function compileAdversary(): Promise<string> {
  return compileFolder("test/adversary", "adversary");
}

/** The hook that opens are watched by where nobody asks for another. */
export async function chosenHook(): Promise<string> {
  await using agent = await Agent.start({ args: ["--output=none"] });
  const attached = samples(await agent.metrics(), "ebpf_agent_probe_attached")
    .filter(([, value]) => value === 1).map(([labels]) => labels);
  await agent.stop();
  const [hook] = attached.flatMap((labels) => /event="open",hook="(\w+)"/.exec(labels)?.[1] ?? []);
  if (hook === undefined) throw new Error("Cannot survey: no hook is attached for opens");
  return hook;
}

/** Surveys one hook: opens have to be watched by it, executions where the kernel lets them. */
export async function survey(hook: string, program: string, ground: Ground): Promise<Survey> {
  return surveyOf(await goAllRoads({ hook, program, ground }));
}

/** Sends the adversary by every road while an agent watches. */
export async function goAllRoads(
  { hook, program, ground, args = [] }: JourneyOptions,
): Promise<Journey> {
  await using agent = await Agent.start({
    wrap: ground.wrap,
    args: [
      "--output=json",
      `--events=${KINDS.join()}`,
      ...KINDS.map((kind) => `--probe.${kind}=${hook}`),
      ...args,
    ],
    stdout: "collected",
  });
  const trip = await travel(agent, [...ground.inside(agent), program, "/etc", "passwd"]);
  sample(trip.before, "ebpf_agent_probe_attached", { event: "open", hook });
  const { stdout } = await agent.stop();
  return { ...trip, events: parseEvents(stdout) };
}

/** Has the adversary go by all roads while an agent watches. */
export async function travel(agent: Agent, adversary: readonly string[]): Promise<Trip> {
  const before = await agent.metrics();
  const accounts = readAccounts(await output(adversary));
  return { accounts, before, after: await agent.metrics() };
}

/** Each road of a journey, judged. */
export function judgeAll({ accounts, events, after }: Journey): readonly JudgedRoad[] {
  return accounts.map((account) => ({
    account,
    verdict: judge(account, events, spotsIn(after, account.kind)),
  }));
}

/** The files that were the watched one, as `device inode`: it is replaced on the way. */
export function watchedFiles(accounts: readonly Account[]): ReadonlySet<string> {
  return new Set(
    accounts.flatMap((account) => account.did === "opens" ? account.opens : [])
      .filter(({ path }) => !path.endsWith(DECOY)).map(({ inode, device }) => `${device} ${inode}`),
  );
}

/** The file that an event tells of, as `device inode`. */
export function toldFile(event: JsonEvent): string {
  return `${at(event, "ebpf_agent.device")} ${at(event, "file.inode")}`;
}

/** Holds all events against what was done. */
export function surveyOf(journey: Journey): Survey {
  const { accounts, events, before, after } = journey;
  return {
    cells: judgeAll(journey).map(({ account: { road, kind }, verdict }) => ({
      road,
      kind,
      verdict,
    })),
    passwd: {
      counted: passwdReads(after) - passwdReads(before),
      expected: toldReads(accounts, events),
    },
    unheard: unheardOn(journey),
  };
}

/** Fails where a survey found what none may find. */
export function assertNothingWrong(result: Survey): void {
  assert.equal(problems(result).join("\n"), "");
}

/** All that no survey may find; what the agent counts as unheard may be missing. */
export function problems({ cells, passwd, unheard }: Survey): readonly string[] {
  const wrong = cells.filter(({ verdict }) => verdict.state === "wrong")
    .map(({ road, verdict }) => `${road}: ${show(verdict)}`);
  const missing = cells.reduce((sum, { verdict }) => sum + (verdict.unheard ?? 0), 0);
  if (missing > unheard) {
    wrong.push(`${missing} events were not told, and ${unheard} counted as such`);
  }
  const { counted, expected } = passwd;
  if (counted < expected || counted > expected + unheard) {
    wrong.push(`${expected} reads of passwd were told, and ${counted} counted`);
  }
  return wrong;
}

/** Events of a trip that the kernel ran no program for, or that found the ring full. */
export function unheardOn({ before, after }: Trip): number {
  return unheardIn(after) - unheardIn(before);
}

function unheardIn(metrics: Metrics): number {
  return ["missed", "lost"].flatMap((what) =>
    KINDS.map((event) => sample(metrics, `ebpf_agent_events_${what}_total`, { event }))
  ).reduce((sum, number) => sum + number, 0);
}

/** The blind spots of a kind of event, as the agent announces them. */
function spotsIn(metrics: Metrics, kind: string): ReadonlySet<string> {
  const lines = samples(metrics, "ebpf_agent_blind_spot").map(([labels]) => labels);
  return new Set(
    lines.filter((line) => line.includes(`event="${kind}"`))
      .flatMap((line) => /spot="([^"]*)"/.exec(line)?.[1] ?? []),
  );
}

function passwdReads(metrics: Metrics): number {
  return sample(metrics, "ebpf_passwd_read_events_total");
}

/** Reads of the watched file among the events, which have been judged against what was done. */
function toldReads(accounts: readonly Account[], events: readonly JsonEvent[]): number {
  // Of roads that are not there as well: the kernel may open a file and then have no place for it.
  const pids = new Set(accounts.map(({ pid }) => pid));
  const files = watchedFiles(accounts);
  return events.filter((event) =>
    pids.has(at(event, "process.pid") as number) &&
    files.has(toldFile(event)) &&
    /^O_RD/.test(String(at(event, "ebpf_agent.flags"))) &&
    !/O_PATH/.test(String(at(event, "ebpf_agent.flags")))
  ).length;
}

/** The other file in the same folder; a bind mount of the watched one stands over it, once. */
const DECOY = "/passwe";
