/** Rules about the watched file, held against what was done on each road that leads to it. @module */
import { at } from "../harness/events.ts";
import type { JsonEvent } from "../harness/expected.ts";
import { matchesIn, type RuleText, writeRules } from "../harness/rules.ts";
import type { OpenedFile } from "./accounts.ts";
import {
  goAllRoads,
  type Ground,
  type Journey,
  judgeAll,
  type JudgedRoad,
  toldFile,
  unheardOn,
  watchedFiles,
} from "./survey.ts";
import { eventsOn, show } from "./verdict.ts";

/** The forms that a path is written in, each the name of a rule. */
const PATHS = {
  exact: "/etc/passwd",
  prefix: "/etc/**",
  suffix: "*/passwd",
  name: "passwd",
} as const;

type Form = keyof typeof PATHS;
const EXACT: Form = "exact";
const FORMS = Object.keys(PATHS) as readonly Form[];

/** The name of the processes that start those which go by a road. */
const ADVERSARY = "adversary";

/** A file's path is where its mount is, and its name is still its own. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([["a bind mount of the file", "passwd"]]);

/** A busy machine fills the ring, and preempted programs are skipped: not so in each attempt. */
const ATTEMPTS = 3;

export interface RuleSurvey {
  /** How many roads the hook sees, with the file that they lead to. */
  readonly resolved: number;
  /** All that no survey may find. */
  readonly problems: readonly string[];
  /** Events that the kernel ran no program for, or that found the ring full: any may be missing. */
  readonly unheard: number;
}

/** Surveys one hook with a rule about the watched file in each form. */
export async function surveyRules(
  hook: string,
  program: string,
  ground: Ground,
): Promise<RuleSurvey> {
  const config = await Deno.makeTempFile({ prefix: "rules-", suffix: ".yaml" });
  try {
    await writeRules(config, rulesAboutPaths());
    const args = [`--config.file=${config}`];
    return await untilHeard(async () =>
      judgeRules(await goAllRoads({ hook, program, ground, args }))
    );
  } finally {
    await Deno.remove(config);
  }
}

/** Does it again where events were missed or lost, and that may be why there are problems. */
async function untilHeard(go: () => Promise<RuleSurvey>): Promise<RuleSurvey> {
  for (let attempt = 1;; attempt++) {
    const result = await go();
    if (attempt === ATTEMPTS || result.unheard === 0 || result.problems.length === 0) return result;
  }
}

/** One for each form, about the adversary alone. */
function rulesAboutPaths(): Readonly<Record<string, RuleText>> {
  return Object.fromEntries(
    FORMS.map((form) => [form, { on: "open", path: PATHS[form], "parent.comm": ADVERSARY }]),
  );
}

function judgeRules(journey: Journey): RuleSurvey {
  const { accounts, events } = journey;
  const watched = watchedFiles(accounts);
  const roads = judgeAll(journey).filter(({ account }) => account.kind === "open");
  const wrong = roads.flatMap((road) => problemsOn(road, eventsOn(road.account, events), watched));
  return {
    resolved: roads.filter(({ verdict }) => verdict.state === "resolved").length,
    problems: [...wrong, ...miscounts(journey)],
    unheard: unheardOn(journey),
  };
}

/**
 * Where a road is resolved, by the true files; where it is announced that another file may be told, an
 * exact path goes with the file that was told.
 */
function problemsOn(
  { account, verdict }: JudgedRoad,
  told: readonly JsonEvent[],
  watched: ReadonlySet<string>,
): readonly string[] {
  const { road } = account;
  if (verdict.state === "wrong") return [`${road}: ${show(verdict)}`];
  if (account.did !== "opens") return [];
  const resolved = verdict.state === "resolved";
  const forms: readonly Form[] = resolved ? FORMS : [EXACT];
  return told.flatMap((event, index) => {
    const file = (resolved ? account.opens[index] : undefined) ?? fileOf(event);
    const expected = forms.filter((form) => isMatch(form, road, file, watched)).join(" ");
    const found = formsIn(event).filter((form) => forms.includes(form)).join(" ");
    if (found === expected) return [];
    return [`${road}: "${found}" match, and not "${expected}": ${JSON.stringify(event)}`];
  }).slice(0, 3);
}

type RuledFile = Pick<OpenedFile, "device" | "inode" | "path">;

/** What the documentation says of each form. */
function isMatch(form: Form, road: string, file: RuledFile, watched: ReadonlySet<string>): boolean {
  switch (form) {
    case "exact":
      return watched.has(`${file.device} ${file.inode}`);
    case "prefix":
      return file.path.startsWith("/etc/");
    case "suffix":
      return file.path.endsWith("/passwd");
    case "name":
      return (OTHER_NAMES.get(road) ?? file.path.split("/").at(-1)) === "passwd";
  }
}

function fileOf(event: JsonEvent): RuledFile {
  const [device = "", inode = ""] = toldFile(event).split(" ");
  return { device, inode, path: String(at(event, "file.path") ?? "") };
}

function formsIn(event: JsonEvent): readonly Form[] {
  const names = [at(event, "rule.name") ?? []].flat();
  return FORMS.filter((form) => names.includes(form));
}

/** Nothing was lost, so that each match has been counted and told. */
function miscounts({ events, before, after }: Journey): readonly string[] {
  const [then, now] = [matchesIn(before), matchesIn(after)];
  return FORMS.flatMap((form) => {
    const told = events.filter((event) => formsIn(event).includes(form)).length;
    const counted = (now[form] ?? 0) - (then[form] ?? 0);
    return told === counted ? [] : [`${form}: ${told} matches were told, and ${counted} counted`];
  });
}
