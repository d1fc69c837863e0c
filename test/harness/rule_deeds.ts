/** Opens that a generator does, and what rules have to make of them; for every hook alike. @module */
import assert from "node:assert/strict";
import { Agent } from "./agent.ts";
import { encodeHex, encodeText } from "./bytes.ts";
import { Load, LOAD_NAME } from "./load.ts";
import { type Metrics, sample } from "./metrics.ts";
import { matchesIn, reload, type RuleText, writeRules } from "./rules.ts";

/** The name that the generator's thread takes: of this test alone. */
export const NAME = `rules-${Deno.pid}`;

const O_WRONLY = 0o1;
const O_RDWR = 0o2;
const O_CREAT = 0o100;
const O_TRUNC = 0o1000;
const O_PATH = 0o10000000;

/** Each open of the generator: flags, and a path below its folder or, without one, relative. */
export const OPENS = (folder: string) =>
  ([
    [0, `${folder}/file`],
    [O_WRONLY, `${folder}/file`],
    [O_RDWR, `${folder}/file`],
    [O_TRUNC, `${folder}/file`],
    [O_WRONLY | O_CREAT, `${folder}/new`],
    [O_WRONLY | O_CREAT, `${folder}/file`],
    [O_PATH, `${folder}/file`],
    [0, `${folder}/link`],
    [0, "deep/er/some.service"],
    [0, `${folder}/missing`],
    [0, "missing"],
    [O_WRONLY | O_CREAT, `${folder}/nowhere/missing`],
    // Makes nothing, and asks for no access.
    [O_PATH | O_CREAT, `${folder}/missing`],
  ] as const).map(([flags, path]) => `open=${flags}:${encodeHex(encodeText(path))}`);

/** What a rule is to match of these; its negation matches the rest. */
const OPEN_CONDITIONS = (
  folder: string,
): Readonly<Record<string, readonly [condition: RuleText, matches: number]>> => ({
  "exact": [{ path: `${folder}/file` }, 7],
  "exact-by-link": [{ path: `${folder}/link` }, 7],
  "exact-of-several": [{ path: [`${folder}/new`, `${folder}/deep/er/some.service`] }, 2],
  "exact-missing": [{ path: `${folder}/missing` }, 2],
  "exact-directory-missing": [{ path: `${folder}/nowhere/missing` }, 1],
  "prefix": [{ path: `${folder}/**` }, 12],
  "prefix-longer": [{ path: [`${folder}/deep/**`, `${folder}/deep/er/**`] }, 1],
  "prefix-beside": [{ path: `${folder}/fil/**` }, 0],
  "suffix": [{ path: "*.service" }, 1],
  "suffix-longer": [{ path: ["*some.service", "*e.service"] }, 1],
  "suffix-not-whole": [{ path: `*${folder}/file`.slice(-64).replace(/^\*?/, "*") }, 7],
  "name": [{ path: "missing" }, 4],
  "name-of-file": [{ path: "file" }, 7],
  "name-of-link": [{ path: "link" }, 0],
  "mixed": [{ path: ["*.service", "missing", `${folder}/new`] }, 6],
  "read": [{ access: "read" }, 7],
  "write": [{ access: "write" }, 6],
  "create": [{ access: "create" }, 2],
  "read-or-create": [{ access: ["read", "create"] }, 9],
  "success": [{ outcome: "success" }, 9],
  "failure": [{ outcome: "failure" }, 4],
  "exe": [{ exe: `${folder}/${LOAD_NAME}` }, 13],
  "exe-prefix": [{ exe: `${folder}/**` }, 13],
  "exe-suffix": [{ exe: "*-load" }, 13],
  "exe-name": [{ exe: LOAD_NAME }, 13],
  "exe-other": [{ exe: ["/bin/sh", "/usr/**", "sh", "*-loa"] }, 0],
  "parent": [{ "parent.comm": ownComm() }, 13],
  "parent-other": [{ "parent.comm": "den" }, 0],
  "uid": [{ uid: [0, 12] }, 13],
  "uid-other": [{ uid: 65534 }, 0],
  "no-container": [{ container: false }, 13],
  "container": [{ container: true }, 0],
});

type Conditions = ReturnType<typeof OPEN_CONDITIONS>;

/** All conditions and their negations as a configuration, which an agent has to be started with. */
export class OpenRules implements AsyncDisposable {
  readonly config: string;
  readonly #load: Load;
  /** More than one set of rules has room for. */
  readonly #halves: readonly Conditions[];

  private constructor(load: Load) {
    this.config = `${load.folder}/rules.yaml`;
    this.#load = load;
    const conditions = Object.entries(OPEN_CONDITIONS(load.folder));
    this.#halves = [conditions.slice(0, 17), conditions.slice(17)].map(Object.fromEntries);
  }

  static async create(): Promise<OpenRules> {
    const load = await Load.create();
    const made = new OpenRules(load);
    await Deno.mkdir(`${load.folder}/deep/er`, { recursive: true });
    await Deno.writeTextFile(`${load.folder}/deep/er/some.service`, "");
    await made.#write(made.#halves[0] ?? {});
    return made;
  }

  /**
   * Has the generator do its opens under each half of the conditions in turn, and gives how many of
   * the two could be judged: where the kernel missed events, it cannot be told which.
   */
  async assertExact(agent: Agent): Promise<number> {
    let judged = 0;
    for (const half of this.#halves) {
      await this.#write(half);
      await reload(agent);
      const before = missedOpens(await agent.metrics());
      await this.#load.run(setComm(NAME), ...OPENS(this.#load.folder));
      const metrics = await agent.metrics();
      if (missedOpens(metrics) > before) continue;
      assert.deepEqual(matchesIn(metrics), expectedMatches(half));
      judged++;
    }
    return judged;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#load[Symbol.asyncDispose]();
  }

  async #write(half: Conditions): Promise<void> {
    const rules = Object.entries(half).flatMap(([name, [condition]]) => [
      [name, { on: "open", comm: NAME, ...condition }],
      [`not-${name}`, { on: "open", comm: NAME, not: condition }],
    ]);
    await writeRules(this.config, Object.fromEntries(rules));
  }
}

function missedOpens(metrics: Metrics): number {
  return sample(metrics, "ebpf_agent_events_missed_total", { event: "open" });
}

function expectedMatches(half: Conditions): Readonly<Record<string, number>> {
  const all = OPENS("").length;
  return Object.fromEntries(
    Object.entries(half).flatMap(([name, [, matches]]) => [
      [name, matches],
      [`not-${name}`, all - matches],
    ]),
  );
}

/** Runs an agent that only counts, and gives what each rule matched. */
export async function countDuring(
  rules: Readonly<Record<string, RuleText>>,
  args: readonly string[],
  work: () => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const config = await Deno.makeTempFile({ prefix: "rules-", suffix: ".yaml" });
  try {
    await writeRules(config, rules);
    await using agent = await Agent.start({
      args: [`--config.file=${config}`, "--output=none", ...args],
    });
    await work();
    return matchesIn(await agent.metrics());
  } finally {
    await Deno.remove(config);
  }
}

export function setComm(name: string): string {
  return `comm=${encodeHex(encodeText(name))}`;
}

/** The name that the process of the tests goes by. */
export function ownComm(): string {
  return Deno.readTextFileSync("/proc/self/comm").trimEnd();
}
