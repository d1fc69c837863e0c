/** What an agent told of a road, held against what was done there. @module */
import { at } from "../harness/events.ts";
import { canonical, type JsonEvent } from "../harness/expected.ts";
import type { Account, OpenedFile } from "./accounts.ts";

/**
 * A cell of the table. `resolved`: told with the right file and its right path. `seen`: told, without
 * the file. `blind`: not told, or not fully, as the agent itself announced. `none`: this kernel has no
 * such road. `unwatched`: it has no such hook. `unheard`: nothing was told, which the agent has to have
 * counted as missed or lost. `wrong`: anything else, which no cell may be.
 */
export type Verdict =
  & {
    /** Events that were not told and are to be counted; what was told of the others is right. */
    readonly unheard?: number;
  }
  & (
    | { readonly state: "resolved" | "seen" | "none" | "unwatched" | "unheard" }
    | { readonly state: "blind"; readonly spot: string }
    | { readonly state: "wrong"; readonly why: string }
  );

/** The blind spots that may be met on a road; on all others none is an excuse. */
const SPOTS: readonly (readonly [road: RegExp, spot: string])[] = [
  [/^int \$0x80, open|^int \$0x80, creat|x32/, "compat32"],
  [/open_by_handle_at/, "open_by_handle_at"],
  [/^io_uring/, "io_uring"],
  [/IOSQE_CQE_SKIP_SUCCESS/, "io_uring_silent"],
];

const MANY_BLOCKED = "many_blocked";

/** Roads that are races: a blind spot is not met at each try, and perhaps at none. */
const RACES: readonly (readonly [road: RegExp, spot: string])[] = [
  [/descriptor(?: that is)? replaced/, "replaced_descriptor"],
  [/^open_by_handle_at, descriptor replaced/, "replaced_handle"],
  [/^while .* wait$/, MANY_BLOCKED],
];

/** Judges a road by all events that were delivered. */
export function judge(
  account: Account,
  events: readonly JsonEvent[],
  announced: ReadonlySet<string>,
): Verdict {
  if (announced.has("everything")) return { state: "unwatched" };
  if (account.did === "nothing") return { state: "none" };
  const own = eventsOn(account, events);
  const met = (table: typeof SPOTS) =>
    table.find(([road, spot]) => road.test(account.road) && announced.has(spot))?.[1];
  const race = met(RACES);
  const unheard = account.did === "opens" ? account.opens.length - own.length : 0;
  // A wrong file is told all the same: the open itself is not missed.
  const missable = race === MANY_BLOCKED && own.length === 0;
  if (race !== undefined && account.did === "opens" && (unheard === 0 || missable)) {
    return { state: "blind", spot: race };
  }
  const spot = met(SPOTS);
  if (spot !== undefined && own.every((event) => isSilent(event))) return { state: "blind", spot };
  if (race !== undefined && unheard > 0) return { state: "blind", spot: race, unheard };
  const verdict = account.did === "opens"
    ? judgeOpens(account.opens, own)
    : judgeExec(account.executable, own);
  if (spot === undefined || verdict.state !== "resolved") return verdict;
  return { state: "wrong", why: `announced as ${spot}, and resolved all the same` };
}

/** The events of a road, in the order in which they happened. */
export function eventsOn(account: Account, events: readonly JsonEvent[]): readonly JsonEvent[] {
  return events.filter((event) =>
    at(event, "process.pid") === account.pid && at(event, "event.action") === account.kind
  ).toSorted((a, b) => String(a["@timestamp"]) < String(b["@timestamp"]) ? -1 : 1);
}

/** A cell as it stands in a table. */
export function show(verdict: Verdict): string {
  switch (verdict.state) {
    case "blind":
      return `blind: ${verdict.spot}`;
    case "wrong":
      return `wrong: ${verdict.why}`;
    default:
      return verdict.state;
  }
}

function judgeOpens(opens: readonly OpenedFile[], told: readonly JsonEvent[]): Verdict {
  const unheard = opens.length - told.length;
  if (unheard < 0) return wrong(`${opens.length} opens and ${told.length} events`, told);
  if (told.length === 0) return { state: "unheard", unheard };
  const unlike = withoutAnOpen(told, opens);
  if (unlike.length === 0) return { state: "resolved", unheard };
  if (unlike.every((event) => isSilent(event))) return { state: "seen", unheard };
  return wrong(`${unlike.length} of ${opens.length} told as another file`, unlike);
}

/** Events that are of no open in its turn; as many opens as have no event may be left out. */
function withoutAnOpen(
  told: readonly JsonEvent[],
  opens: readonly OpenedFile[],
): readonly JsonEvent[] {
  const expected = opens.map(expectedOf);
  const unheard = opens.length - told.length;
  let next = 0;
  return told.filter((event, index) => {
    const skipped = expected.slice(next, index + unheard + 1).indexOf(toldOf(event));
    next += Math.max(skipped, 0) + 1;
    return skipped < 0;
  });
}

function judgeExec(executable: string | undefined, told: readonly JsonEvent[]): Verdict {
  if (told.length === 0) return { state: "unheard", unheard: 1 };
  if (told.length !== 1) return wrong(`one execution and ${told.length} events`, told);
  const outcome = told.map((event) => at(event, "event.outcome"))[0];
  if (executable === undefined) {
    return outcome === "failure" ? { state: "seen" } : wrong("it failed", told);
  }
  const shown = told.map((event) => at(event, "process.executable"))[0];
  return shown === executable ? { state: "resolved" } : wrong(`it was ${executable}`, told);
}

/** Whether an event says nothing of which file it was. */
function isSilent(event: JsonEvent): boolean {
  return at(event, "event.outcome") === "success" && at(event, "file.inode") === undefined;
}

function toldOf(event: JsonEvent): string {
  return canonical({
    outcome: at(event, "event.outcome"),
    inode: at(event, "file.inode"),
    device: at(event, "ebpf_agent.device"),
    path: at(event, "file.path"),
    deleted: at(event, "ebpf_agent.deleted") ?? false,
    viewed: at(event, "ebpf_agent.process.path"),
  });
}

function expectedOf(file: OpenedFile | undefined): string {
  const { inode, device, path, deleted, viewed } = file ?? {};
  return canonical({ outcome: "success", inode, device, path, deleted, viewed });
}

function wrong(what: string, told: readonly JsonEvent[]): Verdict {
  const some = told.slice(0, 3).map((event) => JSON.stringify(event)).join(" ");
  return { state: "wrong", why: `${what}: ${some}` };
}
