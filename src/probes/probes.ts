/** Carries out an attach plan: loads the object, opens the rings, attaches, falls back where refused. @module */
import type { Config } from "../config.ts";
import { failedError } from "../errors.ts";
import { EVENT_KINDS, type PerKind, perKind } from "../events/kinds.ts";
import { loadWithBpfRing, openBpfRing, openPerfRings, PerfBufferRefused } from "../events/rings.ts";
import type { Rings, Transport } from "../events/transport.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import type { Libbpf } from "../libbpf/library.ts";
import { type BpfObject, openObject } from "../libbpf/object.ts";
import type { Log } from "../log.ts";
import { NAME_ENTRIES } from "../rules/encode.ts";
import { type HashKey, randomHashKey } from "../rules/hash.ts";
import type { RuleSets } from "../rules/rule_sets.ts";
import { RuleTables } from "../rules/tables.ts";
import { IDENTIFY_PROGRAM } from "../rules/watch.ts";
import {
  type Choice,
  type HookFeatures,
  type Missing,
  planAttach,
  plannedPrograms,
  type Refusal,
} from "./attach_plan.ts";
import { CATALOGUE, type HookName } from "./catalogue.ts";
import { readImage } from "./image.ts";
import { Links } from "./links.ts";
import {
  HookRefused,
  nothingAttached,
  perfBufferRefused,
  refusedAtAttach,
  refusedAtLoad,
} from "./refusals.ts";
import { applyFilters, applySettings, checkLayout } from "./settings.ts";

/** What became of one kind of event. */
export type ProbeState =
  | {
    readonly state: "attached";
    readonly hook: HookName;
    readonly programs: readonly string[];
    /** Hooks that were preferred, each with why it could not be had. */
    readonly insteadOf: readonly Refusal[];
  }
  | Missing;

/** The object with everything attached. Disposing it detaches first, then frees rings and maps. */
export interface Probes extends Disposable {
  readonly object: BpfObject;
  readonly rings: Rings;
  /** Those of the configuration, in place before anything was attached. */
  readonly rules: RuleTables;
  readonly states: PerKind<ProbeState>;
  /** Why there is a BPF ring buffer where a perf buffer was tried first; undefined where it was not. */
  readonly perfRefusal: string | undefined;
  /** Times that the kernel did not call a program at its kprobes; kept once detached. */
  missedAtKprobes(program: string): number;
  /** Ends the flow of events; what stands in the rings can still be read. */
  detach(): void;
}

export interface ProbeOptions {
  readonly features: HookFeatures;
  readonly config: Config;
  readonly ringPages: number;
  readonly log: Log;
  /** Is told of each set of rules that is put in place. */
  readonly ruleSets: RuleSets;
}

/**
 * Loads and attaches by the plan. A hook that the kernel refuses is struck off, and all is done anew
 * with the next one: a program that is refused fails the whole object. Throws an AgentError when
 * nothing is left to attach.
 */
export function openProbes(libbpf: Libbpf, options: ProbeOptions): Probes {
  const { config, features, log } = options;
  const image = readImage(features.casts);
  const refusals: Refusal[] = [];
  let transport: Transport = config.transport === "ring" ? "ring" : "perf";
  let perfRefusal: string | undefined;
  for (;;) {
    const plan = planAttach(CATALOGUE, features, refusals, config.probes);
    if (plannedPrograms(plan).length === 0) throw nothingAttached(plan);
    try {
      return attempt(libbpf, { image, plan, transport, perfRefusal }, options);
    } catch (error) {
      if (error instanceof HookRefused) {
        refusals.push(...error.refusals());
      } else if (error instanceof PerfBufferRefused) {
        if (config.transport === "perf") throw perfBufferRefused(error);
        log.info("Using a BPF ring buffer: a perf buffer is refused", { because: error.message });
        transport = "ring";
        perfRefusal = error.message;
      } else {
        throw error;
      }
    }
  }
}

/** What one attempt at loading and attaching is made by. */
interface Choices {
  readonly image: Uint8Array;
  readonly plan: PerKind<Choice>;
  readonly transport: Transport;
  readonly perfRefusal: string | undefined;
}

function attempt(libbpf: Libbpf, choices: Choices, options: ProbeOptions): Probes {
  const { plan, transport, perfRefusal } = choices;
  const { config, ringPages, log, ruleSets } = options;
  const { libc } = libbpf;
  using stack = new DisposableStack();
  const hashKey = randomHashKey();
  const loadObject = (ringSize?: number) =>
    openLoaded(libbpf, { ...choices, hashKey, ringSize }, config);
  const object = stack.use(
    transport === "ring"
      ? loadWithBpfRing(libc, { pages: ringPages, log }, loadObject)
      : loadObject(),
  );
  checkLayout(object);
  applyFilters(object, config);
  // Rings before probes: an event that finds no ring is lost.
  const rings = stack.use(
    transport === "ring"
      ? openBpfRing(libbpf, object)
      : openPerfRings(libbpf, object, ringPages, log),
  );
  const rules = stack.use(
    new RuleTables({ libc, object, hashKey, sets: ruleSets, rules: config.rules, log }),
  );
  const links = stack.use(attachAll(object, plan));
  const owned = stack.move();
  return {
    object,
    rings,
    rules,
    states: perKind((event) => stateOf(plan[event])),
    perfRefusal,
    missedAtKprobes: (program) => links.missed(program),
    detach: () => links[Symbol.dispose](),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Opens the object, prepares it for a plan and loads it. */
function openLoaded(
  libbpf: Libbpf,
  choices: Choices & { readonly hashKey: HashKey; readonly ringSize: number | undefined },
  config: Config,
): BpfObject {
  const { image, plan, ringSize } = choices;
  using stack = new DisposableStack();
  const object = stack.use(openImage(libbpf, image));
  applySettings(object, config, choices);
  if (ringSize === undefined) object.leaveOut("ring");
  else object.setMaxEntries("ring", ringSize);
  object.setMaxEntries("rule_names", NAME_ENTRIES);
  const wanted = new Set([IDENTIFY_PROGRAM, ...plannedPrograms(plan).map(({ name }) => name)]);
  for (const name of object.programs()) object.setAutoload(name, wanted.has(name));
  for (const { name, by, at } of plannedPrograms(plan)) {
    if (by === "function") object.setAttachTarget(name, at[0]);
  }
  load(object, plan);
  stack.move();
  return object;
}

function openImage(libbpf: Libbpf, image: Uint8Array): BpfObject {
  try {
    return openObject(libbpf, image, "ebpf_agent");
  } catch (error) {
    if (!(error instanceof LibbpfError)) throw error;
    throw failedError(
      `Cannot open the BPF object: it is damaged (${error.message}). Install the agent again`,
      error,
    );
  }
}

function load(object: BpfObject, plan: PerKind<Choice>): void {
  try {
    object.load();
  } catch (error) {
    throw error instanceof LibbpfError ? refusedAtLoad(plan, error) : error;
  }
}

function attachAll(object: BpfObject, plan: PerKind<Choice>): Links {
  using stack = new DisposableStack();
  const links = stack.use(new Links());
  for (const event of EVENT_KINDS) {
    const choice = plan[event];
    if (choice.state === "missing") continue;
    try {
      for (const program of choice.programs) {
        // A program may serve several kinds.
        if (!links.has(program.name)) links.attach(object, program);
      }
    } catch (error) {
      throw error instanceof LibbpfError ? refusedAtAttach(event, choice, error) : error;
    }
  }
  stack.move();
  return links;
}

function stateOf(choice: Choice): ProbeState {
  if (choice.state === "missing") return choice;
  const { hook, insteadOf } = choice;
  return { state: "attached", hook, insteadOf, programs: choice.programs.map(({ name }) => name) };
}
