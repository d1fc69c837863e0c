/** Hands a configuration to the BPF object: settings before it is loaded, filters after. @module */
import type { Config } from "../config.ts";
import { failedError, usageError } from "../errors.ts";
import { EVENT_KINDS, type EventKind, type PerKind } from "../events/kinds.ts";
import {
  COMM_SIZE,
  Counters,
  Filter,
  Settings,
  Shared,
  Transport as TransportNumber,
} from "../events/layout.gen.ts";
import type { Transport } from "../events/transport.ts";
import type { BpfObject } from "../libbpf/object.ts";
import type { HashKey } from "../rules/hash.ts";
import type { Choice } from "./attach_plan.ts";
import { EXIT_OF_CALLS } from "./catalogue.ts";

/** What the settings depend on besides the configuration. */
export interface SettingChoices {
  readonly plan: PerKind<Choice>;
  readonly transport: Transport;
  readonly hashKey: HashKey;
}

/** Writes the settings into the object's read-only data; to be called before it is loaded. */
export function applySettings(
  object: BpfObject,
  config: Config,
  { plan, transport, hashKey }: SettingChoices,
): void {
  const words = new Uint32Array(Settings.byteSize / 4);
  words[Settings.deliver / 4] = maskOf((event) =>
    delivers(config) && config.events.includes(event)
  );
  words[Settings.filters / 4] = filterMask(config);
  words[Settings.args / 4] = config.args === "full" ? 1 : 0;
  words[Settings.paths / 4] = config.output === "json" || config.recording !== undefined ? 1 : 0;
  words[Settings.atBtfExit / 4] = maskOf((event) => has(plan[event], EXIT_OF_CALLS.tp_btf));
  words[Settings.atRawExit / 4] = maskOf((event) => has(plan[event], EXIT_OF_CALLS.raw_tp));
  words[Settings.transport / 4] = TransportNumber[transport];
  words[Settings.rules / 4] = Number(delivers(config));
  const longs = new BigUint64Array(words.buffer);
  longs[Settings.hashSeed / 8] = hashKey.seed;
  longs[Settings.hashFactor / 8] = hashKey.factor;
  object.setInitialValue(".rodata", new Uint8Array(words.buffer));
}

/** Whether there is any output: what nobody takes is not copied out. */
function delivers({ output, recording }: Config): boolean {
  return output !== "none" || recording !== undefined;
}

/**
 * Fills the maps of names and numbers to deliver; to be called before anything is attached. Throws a
 * usage error where there are more than a map has room for.
 */
export function applyFilters(object: BpfObject, { filter }: Config): void {
  fill(object, "comm", filter.comm.map(commKey));
  fill(object, "uid", filter.uid.map(numberKey));
  fill(object, "pid", filter.pid.map(numberKey));
}

function fill(
  object: BpfObject,
  what: keyof Config["filter"],
  keys: readonly Uint8Array<ArrayBuffer>[],
): void {
  const map = object.map(`filter_${what}`);
  if (keys.length > map.maxEntries) {
    throw usageError(
      `Cannot filter by so many: --filter.${what} is given ${keys.length} times. Give it at most ` +
        `${map.maxEntries} times`,
    );
  }
  for (const key of keys) map.update(key, PRESENT);
}

const PRESENT = Uint8Array.of(1);

function commKey(comm: string): Uint8Array<ArrayBuffer> {
  const key = new Uint8Array(COMM_SIZE);
  new TextEncoder().encodeInto(comm, key);
  return key;
}

function numberKey(number: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.of(number).buffer);
}

/** Throws where the loaded object was built from other layouts than this program was. */
export function checkLayout(object: BpfObject): void {
  const { valueSize: counted } = object.map("counters");
  // Behind what is shared there may be more.
  const { valueSize: shared } = object.map(".bss");
  if (counted === Counters.byteSize && shared >= Shared.byteSize) return;
  throw failedError(
    `Cannot use the BPF object: it counts in ${counted} bytes and shares ${shared}, expected ` +
      `${Counters.byteSize} and ${Shared.byteSize}. Run scripts/build_bpf.sh, or install the agent again`,
  );
}

/** Bit `1 << kind` for each kind of event that is chosen. */
function maskOf(isChosen: (event: EventKind) => boolean): number {
  return EVENT_KINDS.reduce((mask, event, bit) => isChosen(event) ? mask | 1 << bit : mask, 0);
}

function has(choice: Choice, program: string): boolean {
  return choice.state === "chosen" && choice.programs.some(({ name }) => name === program);
}

function filterMask({ filter }: Config): number {
  return (filter.comm.length > 0 ? Filter.comm : 0) |
    (filter.uid.length > 0 ? Filter.uid : 0) |
    (filter.pid.length > 0 ? Filter.pid : 0);
}
