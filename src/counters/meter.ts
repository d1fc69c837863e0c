/** Takes readings of everything that is counted, and holds the ledger against each. @module */
import type { Drain } from "../events/drain.ts";
import { type PerKind, perKind } from "../events/kinds.ts";
import type { BpfObject } from "../libbpf/object.ts";
import { PerCpuArray } from "../libbpf/map.ts";
import type { BpfProgram } from "../libbpf/program.ts";
import type { Output } from "../outputs/output.ts";
import type { ProbeState } from "../probes/probes.ts";
import type { ConfirmedCounts } from "../rules/rule_counters.ts";
import type { RuleTables } from "../rules/tables.ts";
import { type CountersReading, lostByCpu, sumCounters } from "./kernel_counters.ts";
import { findImbalances, type Imbalance } from "./ledger.ts";
import type { ProgramCounters, Reading } from "./reading.ts";

/** What is read. */
export interface MeterSources {
  readonly object: BpfObject;
  readonly states: PerKind<ProbeState>;
  readonly drain: Drain;
  readonly outputs: readonly Output[];
  readonly possibleCpus: number;
  readonly rules: RuleTables;
  readonly confirmed: ConfirmedCounts;
  /** Times that the kernel did not call a program at its kprobes. */
  missedAtKprobes(program: string): number;
}

export class Meter {
  readonly #sources: MeterSources;
  readonly #counters: PerCpuArray;
  readonly #buffer: ReturnType<PerCpuArray["buffer"]>;
  /** The names of the programs behind each kind of event; one program may be behind several. */
  readonly #names: PerKind<readonly string[]>;
  readonly #programs: readonly BpfProgram[];
  #last: Reading | undefined;

  constructor(sources: MeterSources) {
    this.#sources = sources;
    this.#counters = new PerCpuArray(sources.object.map("counters"));
    this.#buffer = this.#counters.buffer();
    this.#names = perKind((event) => {
      const state = sources.states[event];
      return state.state === "missing" ? [] : state.programs;
    });
    const names = new Set(Object.values(this.#names).flat());
    this.#programs = [...names].map((name) => sources.object.program(name));
  }

  /**
   * Reads everything as of now; `detached` says that no program can be running any more. The
   * counters in between the two map readings and the heads are microseconds apart.
   */
  read(detached = false): Reading & { readonly imbalances: readonly Imbalance[] } {
    const { drain, outputs, possibleCpus, rules, confirmed } = this.#sources;
    const before = this.#readCounters();
    const heads = drain.heads();
    const after = this.#readCounters();
    const counted = {
      received: drain.received,
      withheld: drain.withheld,
      inRing: drain.countInRings(heads),
      outputs: outputs.map((output) => output.counters()),
    };
    const imbalances = findImbalances({
      ...counted,
      before: before.events,
      after: after.events,
      underWay: perKind((event) => detached ? 0 : this.#names[event].length * possibleCpus),
    });
    const programs = this.#programs.map((program) => this.#accountOf(program));
    const reading = {
      ...counted,
      atMs: performance.now(),
      kernel: after.events,
      missed: perKind((event) => missedBy(programs, this.#names[event])),
      openatCalls: after.pathOpens,
      sudo: after.sudo,
      passwdReads: after.passwdLookups + after.passwdDirect,
      passwdLookups: after.passwdLookups,
      passwdDirect: after.passwdDirect,
      rules: rules.read(confirmed),
      programs,
      balanced: imbalances.length === 0,
      imbalances,
    };
    this.#last = reading;
    return reading;
  }

  /** The last reading, or another one where that is older than so many milliseconds. */
  recent(mostMs: number): Reading {
    const last = this.#last;
    return last !== undefined && performance.now() - last.atMs <= mostMs ? last : this.read();
  }

  /** How many events were lost on each CPU by the last reading. */
  lostByCpu(): readonly number[] {
    return lostByCpu(this.#buffer);
  }

  #accountOf(program: BpfProgram): ProgramCounters {
    const { missed, runs, runSeconds } = program.info();
    const { name } = program;
    const missedAtKprobes = this.#sources.missedAtKprobes(name);
    return { name, missed: (missed ?? 0) + missedAtKprobes, runs, runSeconds };
  }

  #readCounters(): CountersReading {
    this.#counters.readPerCpu(0, this.#buffer);
    return sumCounters(this.#buffer);
  }
}

function missedBy(programs: readonly ProgramCounters[], names: readonly string[]): number {
  return programs.reduce((sum, { name, missed }) => names.includes(name) ? sum + missed : sum, 0);
}
