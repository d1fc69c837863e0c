/** The rules in the kernel: fills one of two slots while the other is in use, then changes over. @module */
import { AgentError } from "../errors.ts";
import {
  RULE_ENTRIES,
  RuleCommKey,
  RuleNameKey,
  RulePathKey,
  RulePrefixKey,
  RULES,
  RuleSecond,
  RuleSet,
  RuleSuffixKey,
  RuleUidKey,
  Shared,
  Watched,
  WatchedFileKey,
  WatchedNameKey,
} from "../events/layout.gen.ts";
import type { Libc } from "../kernel/libc.ts";
import { LibbpfError } from "../libbpf/errors.ts";
import { mapInMemory, type MappedMap } from "../libbpf/mapped_map.ts";
import type { BpfObject } from "../libbpf/object.ts";
import type { Log } from "../log.ts";
import { type CompiledRules, compileRules } from "./compile.ts";
import { encodeRules, TABLES } from "./encode.ts";
import type { HashKey } from "./hash.ts";
import type { Rule } from "./rule.ts";
import { type ConfirmedCounts, RuleCounters, type RuleCounts } from "./rule_counters.ts";
import { PathAlarm } from "./path_alarm.ts";
import type { RuleSets } from "./rule_sets.ts";
import { ExactPaths } from "./watch.ts";
import { exactPaths, keyOf, type Place, type Places } from "./watched_names.ts";

export interface RuleTablesOptions {
  readonly libc: Libc;
  /** Loaded, with nothing attached yet. */
  readonly object: BpfObject;
  /** What its settings say. */
  readonly hashKey: HashKey;
  /** Is told of each set. */
  readonly sets: RuleSets;
  readonly rules: readonly Rule[];
  readonly log: Log;
}

export class RuleTables implements Disposable {
  readonly #shared: MappedMap;
  readonly #object: BpfObject;
  readonly #hashKey: HashKey;
  readonly #sets: RuleSets;
  readonly #exactPaths: ExactPaths;
  readonly #alarm: PathAlarm;
  readonly #counters: RuleCounters;
  readonly #log: Log;
  #number = 0;
  #inUse: Filled;
  /** Something has happened on the way to an exact path that was not followed yet. */
  #rang = false;
  /** Why the last change could not be followed. */
  #refusal: string | undefined;
  /** By when following has taken no more than its share of the time. */
  #restedAt = 0;

  /** Puts the first rules in place. Throws a usage error where a table has too little room. */
  constructor({ libc, object, hashKey, sets, rules, log }: RuleTablesOptions) {
    this.#object = object;
    this.#log = log;
    this.#hashKey = hashKey;
    this.#sets = sets;
    using stack = new DisposableStack();
    this.#shared = stack.use(mapInMemory(libc, object.map(".bss")));
    this.#exactPaths = new ExactPaths(libc, object, this.#shared.bytes, hashKey);
    this.#alarm = stack.use(new PathAlarm(libc));
    this.#counters = new RuleCounters(object.map("rule_counters"));
    // The slot that is in use from the start: nothing is attached that could be using it.
    this.#inUse = this.#fill(0, compileRules(rules));
    stack.move();
  }

  [Symbol.dispose](): void {
    this.#alarm[Symbol.dispose]();
    this.#shared[Symbol.dispose]();
  }

  /** The rules that are in place. */
  get inUse(): readonly Rule[] {
    return this.#inUse.compiled.rules;
  }

  /** A descriptor that is readable when {@link follow} has something to do, where there is one. */
  get alarm(): number | undefined {
    return this.#alarm.descriptor;
  }

  /**
   * Puts other rules in place: an event meets the old ones or these, and no counter goes back. Takes
   * until no program uses the old ones, some milliseconds. Throws a usage error where a table has too
   * little room; the old rules are then still in use.
   */
  replace(rules: readonly Rule[]): void {
    this.#change(compileRules(rules));
  }

  /** What each rule in use has counted since the agent started, under whatever definition. */
  read(confirmed: ConfirmedCounts): readonly RuleCounts[] {
    const { slot, compiled } = this.#inUse;
    return this.#counters.read(slot, compiled.rules, confirmed);
  }

  /**
   * Does what {@link tick} does if something has happened on the way to an exact path. However much
   * happens there, that takes a twentieth of the time; what is then left is for the next tick.
   */
  follow(): void {
    this.#rang = this.#alarm.rang() || this.#rang;
    const now = performance.now();
    if (!this.#rang || this.#restedAt - now > AT_ONCE_MS) return;
    this.tick();
    this.#restedAt = Math.max(this.#restedAt, now) + REST * (performance.now() - now);
  }

  /**
   * Follows files that were replaced, and directories that came, went or were replaced; to be called
   * each second, for not all of it is heard of. While nothing changes, it opens nothing. What cannot be
   * followed, since there are too many files or too little memory, is said and tried anew the next time:
   * whoever may replace files must not end the agent.
   */
  tick(): void {
    this.#rang = false;
    try {
      this.#followChanges();
    } catch (error) {
      if (!(error instanceof AgentError || error instanceof LibbpfError)) throw error;
      this.#sayRefusal(error.message);
      return;
    }
    this.#sayRefusal(undefined);
  }

  #followChanges(): void {
    const { slot, compiled, learned, signatures, places } = this.#inUse;
    const now = this.#readSignatures(compiled);
    const changed = [...now].filter(([path, signature]) => signatures.get(path) !== signature)
      .map(([path]) => path);
    if (changed.length === 0) return;
    if (changed.some((path) => !leadsToSame(places.get(path), this.#exactPaths.locate(path)))) {
      this.#change(compiled);
      return;
    }
    this.#learn(slot, changed, learned);
    this.#inUse = { ...this.#inUse, signatures: now };
  }

  #change(compiled: CompiledRules): void {
    const before = this.#inUse;
    const filled = this.#fill(1 - before.slot, compiled);
    try {
      this.#use(filled.slot);
    } catch (error) {
      this.#store(before.slot);
      this.#clear(filled.slot);
      throw error;
    }
    this.#inUse = filled;
    this.#counters.retire(before.slot, before.compiled.rules);
    this.#clear(before.slot);
  }

  /** Has programs use a slot; returns once none can be running that began before. */
  #use(slot: number): void {
    this.#store(slot);
    const { fd } = this.#object.map("barrier");
    this.#object.map("barriers").update(FIRST, Uint32Array.of(fd));
  }

  #store(slot: number): void {
    Atomics.store(new Uint32Array(this.#shared.bytes.buffer), Shared.slot / 4, slot);
  }

  /** Once for each reason, and once it is over. */
  #sayRefusal(because: string | undefined): void {
    if (because === this.#refusal) return;
    this.#refusal = because;
    if (because === undefined) {
      this.#log.info("Changes of the rules' files are followed again");
    } else {
      const text = "Cannot follow changes of the rules' files: those known before stay known";
      this.#log.warn(text, { because });
    }
  }

  /** Fills a slot that is not in use; where that fails it is empty again. */
  #fill(slot: number, compiled: CompiledRules): Filled {
    // Read first: what changes meanwhile is then seen the next time.
    const signatures = this.#readSignatures(compiled);
    const places = new Map(
      exactPaths(compiled).map((path) => [path, this.#exactPaths.locate(path)]),
    );
    const number = ++this.#number;
    const options = { slot, number, hashKey: this.#hashKey, places };
    const { set, tables, watched, learned } = encodeRules(compiled, options);
    try {
      for (const name of TABLES) {
        const map = this.#object.map(name);
        for (const { key, value } of tables[name]) map.update(key, value);
      }
      this.#writeShared(slot, set, watched);
      this.#learn(slot, [...learned.keys()], learned);
    } catch (error) {
      this.#clear(slot);
      throw error;
    }
    this.#sets.add(number, compiled.rules);
    return { slot, compiled, signatures, places, learned };
  }

  #writeShared(slot: number, set: Uint8Array, watched: readonly Uint8Array[]): void {
    const { bytes } = this.#shared;
    bytes.set(set, Shared.sets + slot * RuleSet.byteSize);
    const first = Shared.watched + slot * RULE_ENTRIES * Watched.byteSize;
    watched.forEach((file, n) => bytes.set(file, first + n * Watched.byteSize));
    const secondsSize = RULES * RuleSecond.byteSize;
    const seconds = Shared.seconds + slot * secondsSize;
    bytes.fill(0, seconds, seconds + secondsSize);
  }

  #learn(slot: number, paths: readonly string[], indexes: ReadonlyMap<string, number>): void {
    for (const path of paths) {
      const index = indexes.get(path);
      if (index !== undefined) this.#exactPaths.learn(path, slot, index);
    }
  }

  /** What changes from here on is heard of, or else seen by the next reading. */
  #readSignatures(compiled: CompiledRules): ReadonlyMap<string, string> {
    const paths = exactPaths(compiled);
    this.#alarm.listen(paths);
    return new Map(paths.map((path) => [path, this.#exactPaths.signature(path)]));
  }

  /** Takes a slot's entries out of all tables, those that the kernel has learned as well. */
  #clear(slot: number): void {
    for (const [name, { at, slots }] of Object.entries(SLOT_IN_KEY)) {
      const map = this.#object.map(name);
      for (const key of map.keys()) {
        const table = new DataView(key.buffer).getUint32(at, true);
        if (Math.floor(table / slots) === slot) map.delete(key);
      }
    }
  }
}

/** What stands in a slot. */
interface Filled {
  readonly slot: number;
  readonly compiled: CompiledRules;
  /** Of each exact path, when the slot was filled or the file last learned. */
  readonly signatures: ReadonlyMap<string, string>;
  readonly places: Places;
  /** Under which index of `watched` the file of each exact path is learned. */
  readonly learned: ReadonlyMap<string, number>;
}

/**
 * Whether a path leads where it led before. Where its file or its directory is gone, what it led to last
 * still counts: it may have been moved away.
 */
function leadsToSame(before: Place = [], now: Place): boolean {
  const left = before.slice(0, Math.min(before.length, now.length));
  return now.length === left.length && left.map(keyOf).join() === now.map(keyOf).join();
}

const FIRST = new Uint32Array(1);
/** How much longer than following takes it rests; at once it may take what it has not taken in so long. */
const REST = 20;
const AT_ONCE_MS = 1000;
/** Where the slot stands in the keys of each table, and how many tables of one slot the map holds. */
const SLOT_IN_KEY = {
  rule_names: { at: RuleNameKey.table, slots: 2 },
  rule_paths: { at: RulePathKey.table, slots: 2 },
  rule_comms: { at: RuleCommKey.table, slots: 2 },
  rule_uids: { at: RuleUidKey.slot, slots: 1 },
  rule_prefixes: { at: RulePrefixKey.table, slots: 2 },
  rule_suffixes: { at: RuleSuffixKey.table, slots: 2 },
  watched_names: { at: WatchedNameKey.slot, slots: 1 },
  watched_files: { at: WatchedFileKey.slot, slots: 1 },
} as const;
