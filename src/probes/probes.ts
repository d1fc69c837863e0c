/** Carries out an attach plan: loads the object, opens the rings, attaches, falls back where refused. @module */
import type { Config } from "../config.ts";
import { failedError, unsupportedError } from "../errors.ts";
import { EVENT_KINDS, type EventKind, type PerKind, perKind } from "../events/kinds.ts";
import {
  openBpfRing,
  openPerfRings,
  PerfBufferRefused,
  ringBufferSize,
  type Rings,
} from "../events/rings.ts";
import type { Transport } from "../events/transport.ts";
import { attachKprobe, attachTrace, attachTracepoint, type Link } from "../libbpf/attach.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import type { Libbpf } from "../libbpf/library.ts";
import { type BpfObject, openObject } from "../libbpf/object.ts";
import type { Log } from "../log.ts";
import { randomHashKey } from "../rules/hash.ts";
import type { RuleSets } from "../rules/rule_sets.ts";
import { RuleTables } from "../rules/tables.ts";
import { IDENTIFY_PROGRAM } from "../rules/watch.ts";
import {
  type Choice,
  type HookFeatures,
  planAttach,
  plannedPrograms,
  type Refusal,
} from "./attach_plan.ts";
import { CATALOGUE, type HookName, type ProbeProgram } from "./catalogue.ts";
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
  | { readonly state: "missing"; readonly because: string };

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
  readonly image: Uint8Array;
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
  const refusals: Refusal[] = [];
  let transport: Transport = config.transport === "ring" ? "ring" : "perf";
  let perfRefusal: string | undefined;
  for (;;) {
    const plan = planAttach(CATALOGUE, features, refusals, config.probes);
    if (plannedPrograms(plan).length === 0) throw nothingAttached(plan);
    try {
      return attempt(libbpf, { plan, transport, perfRefusal }, options);
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
  readonly plan: PerKind<Choice>;
  readonly transport: Transport;
  readonly perfRefusal: string | undefined;
}

/** A hook of the plan that cannot be had. */
class HookRefused extends Error {
  readonly #refusal: Refusal;
  readonly #forbidden: boolean;

  constructor(refusal: Refusal, cause: LibbpfError, forbidden: boolean) {
    super(refusal.because, { cause });
    this.#refusal = refusal;
    this.#forbidden = forbidden;
  }

  /** Where it is forbidden as such, the other kinds of event need not try either. */
  refusals(): readonly Refusal[] {
    if (!this.#forbidden) return [this.#refusal];
    const { hook, because } = this.#refusal;
    const alike = TRAMPOLINES.includes(hook) ? TRAMPOLINES : [hook];
    return EVENT_KINDS.flatMap((event) => alike.map((hook) => ({ event, hook, because })));
  }
}

/** Without EACCES, which the verifier says to one program that it does not accept. */
const FORBIDDEN_TO_LOAD: readonly string[] = ["EPERM", "ENOTSUPP", "EOPNOTSUPP"];
const FORBIDDEN_TO_ATTACH: readonly string[] = [...FORBIDDEN_TO_LOAD, "EACCES"];
/** Ways of attaching that the kernel allows together or not at all. */
const TRAMPOLINES: readonly HookName[] = ["fentry", "fexit"];

function attempt(libbpf: Libbpf, choices: Choices, options: ProbeOptions): Probes {
  const { plan, transport, perfRefusal } = choices;
  const { config, ringPages, log, ruleSets } = options;
  using stack = new DisposableStack();
  const object = stack.use(openImage(libbpf, options.image));
  const hashKey = randomHashKey();
  applySettings(object, config, { ...choices, hashKey });
  if (transport === "ring") {
    object.setMaxEntries("ring", ringBufferSize(ringPages, libbpf.possibleCpus));
  } else {
    object.leaveOut("ring");
  }
  const wanted = new Set([IDENTIFY_PROGRAM, ...plannedPrograms(plan).map(({ name }) => name)]);
  for (const name of object.programs()) object.setAutoload(name, wanted.has(name));
  for (const { name, by, at } of plannedPrograms(plan)) {
    if (by === "function") object.setAttachTarget(name, at[0]);
  }
  load(object, plan);
  checkLayout(object);
  applyFilters(object, config);
  // Rings before probes: an event that finds no ring is lost.
  const rings = stack.use(
    transport === "ring"
      ? openBpfRing(libbpf, object)
      : openPerfRings(libbpf, object, ringPages, log),
  );
  const { libc } = libbpf;
  const rules = stack.use(
    new RuleTables({ libc, object, hashKey, sets: ruleSets, rules: config.rules }),
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
    if (!(error instanceof LibbpfError)) throw error;
    const event = eventOf(plan, refusedProgram(error));
    if (event === undefined) throw loadRefused(error);
    throw hookRefused(event, plan[event], error, FORBIDDEN_TO_LOAD);
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
        if (!links.has(program.name)) attachProgram(object, program, links);
      }
    } catch (error) {
      if (!(error instanceof LibbpfError)) throw error;
      throw hookRefused(event, choice, error, FORBIDDEN_TO_ATTACH);
    }
  }
  stack.move();
  return links;
}

function attachProgram(object: BpfObject, spec: ProbeProgram, links: Links): void {
  const program = object.program(spec.name);
  switch (spec.by) {
    case "section":
    case "function":
      links.add(spec.name, attachTrace(program));
      break;
    case "tracepoint":
      for (const tracepoint of spec.at) {
        const [category, name] = tracepoint.split(":");
        links.add(spec.name, attachTracepoint(program, category, name));
      }
      break;
    case "kprobe":
    case "kretprobe":
      for (const name of spec.at) {
        links.add(spec.name, attachKprobe(program, name, spec.by === "kretprobe"));
      }
  }
}

/** The links of each program, and what the kernel says of them. */
class Links implements Disposable {
  readonly #links = new Map<string, Link[]>();
  /** Asked for the last time before they were gone. */
  readonly #missedAtEnd = new Map<string, number>();

  add(program: string, link: Link): void {
    this.#links.set(program, [...(this.#links.get(program) ?? []), link]);
  }

  has(program: string): boolean {
    return this.#links.has(program);
  }

  /** Times that the kernel did not call a program at its kprobes. */
  missed(program: string): number {
    const links = this.#links.get(program) ?? [];
    return this.#missedAtEnd.get(program) ??
      links.reduce((sum, link) => sum + (link.missed() ?? 0), 0);
  }

  [Symbol.dispose](): void {
    for (const [program, links] of this.#links) {
      this.#missedAtEnd.set(program, this.missed(program));
      for (const link of links) link[Symbol.dispose]();
    }
  }
}

function hookRefused(
  event: EventKind,
  choice: Choice,
  error: LibbpfError,
  forbidden: readonly string[],
): Error {
  if (choice.state === "missing") return error;
  const refusal = { event, hook: choice.hook, because: error.message };
  return new HookRefused(refusal, error, forbidden.includes(error.code));
}

/** The program that the kernel refused, by libbpf's own words. */
function refusedProgram(error: LibbpfError): string | undefined {
  return error.log.map((line) => /prog '([^']+)': .*failed/.exec(line)?.[1]).find((name) => name);
}

function eventOf(plan: PerKind<Choice>, program: string | undefined): EventKind | undefined {
  return EVENT_KINDS.find((event) => {
    const choice = plan[event];
    return choice.state === "chosen" && choice.programs.some(({ name }) => name === program);
  });
}

function stateOf(choice: Choice): ProbeState {
  if (choice.state === "missing") return choice;
  const { hook, insteadOf } = choice;
  return { state: "attached", hook, insteadOf, programs: choice.programs.map(({ name }) => name) };
}

function nothingAttached(plan: PerKind<Choice>): Error {
  const reasons = EVENT_KINDS.map((event) => {
    const choice = plan[event];
    return choice.state === "missing" ? `${event}: ${choice.because}` : "";
  });
  return unsupportedError(
    `Cannot attach anything: ${reasons.join("; ")}. Run as root, or with CAP_BPF and CAP_PERFMON`,
  );
}

function perfBufferRefused(error: PerfBufferRefused): Error {
  return unsupportedError(
    `${error.message}. Use --transport=ring, or run as root or with CAP_SYS_ADMIN`,
    error,
  );
}

function loadRefused(error: LibbpfError): Error {
  if (error.code === "EPERM") {
    return unsupportedError(
      `${error.message}. Run as root, or with CAP_BPF and CAP_PERFMON, outside lockdown`,
      error,
    );
  }
  if (CANNOT_READ.test(error.message)) {
    return unsupportedError(
      `${error.message}. This kernel lets no BPF program read its memory, as under ` +
        "lockdown=confidentiality: boot with lockdown=integrity or less",
      error,
    );
  }
  return failedError(error.message, error);
}

/** The verifier's word on the helper that every program needs. */
const CANNOT_READ = /(unknown func|cannot use helper) bpf_probe_read/;
