/** Reads and writes BPF maps; what is read each second goes into buffers that are kept. @module */
import type { Libbpf } from "./library.ts";
import type { Lifetime } from "./lifetime.ts";
import type { BpfMapPointer } from "./symbols.ts";

/** What a map is made from. */
export interface BpfMapParts {
  readonly name: string;
  readonly pointer: BpfMapPointer;
  /** That of the object it belongs to. */
  readonly lifetime: Lifetime;
}

/** A map of a loaded object; usable until that is disposed. */
export class BpfMap {
  readonly name: string;
  readonly libbpf: Libbpf;
  /** Size of a key in bytes. */
  readonly keySize: number;
  /** Size of a value in bytes, of a per-CPU map that of one CPU. */
  readonly valueSize: number;
  /** Size in bytes of what is read and written at once: a per-CPU map gives each CPU's value. */
  readonly elementSize: number;
  readonly maxEntries: number;
  readonly #fd: number;
  readonly #lifetime: Lifetime;

  /** Called by `BpfObject.map()`. */
  constructor(libbpf: Libbpf, { name, pointer, lifetime }: BpfMapParts) {
    this.name = name;
    this.libbpf = libbpf;
    this.#lifetime = lifetime;
    const { symbols } = libbpf;
    this.#fd = libbpf.attempt(`use the BPF map "${name}"`, () => symbols.bpf_map__fd(pointer));
    this.keySize = symbols.bpf_map__key_size(pointer);
    this.valueSize = symbols.bpf_map__value_size(pointer);
    this.maxEntries = symbols.bpf_map__max_entries(pointer);
    this.elementSize = PER_CPU_TYPES.has(symbols.bpf_map__type(pointer))
      ? Math.ceil(this.valueSize / 8) * 8 * libbpf.possibleCpus
      : this.valueSize;
  }

  get fd(): number {
    this.#lifetime.check();
    return this.#fd;
  }

  /** Reads an element into the given memory; false where the map does not have it. */
  lookup(key: ArrayBufferView, into: ArrayBufferView): boolean {
    this.#checkSizes(key, into);
    const result = this.libbpf.symbols.bpf_map_lookup_elem(this.fd, key, into);
    return this.#found("read", result);
  }

  /** Writes an element, also where the map does not have it yet. */
  update(key: ArrayBufferView, value: ArrayBufferView): void {
    this.#checkSizes(key, value);
    const result = this.libbpf.symbols.bpf_map_update_elem(this.fd, key, value, BPF_ANY);
    if (result < 0) throw this.libbpf.failure(`write to the BPF map "${this.name}"`, result);
  }

  /** Takes an element out; false where the map does not have it. */
  delete(key: ArrayBufferView): boolean {
    this.#checkSizes(key);
    const result = this.libbpf.symbols.bpf_map_delete_elem(this.fd, key);
    return this.#found("delete from", result);
  }

  /** All keys that it has; of a map that is changed meanwhile perhaps not each, or one twice. */
  keys(): readonly Uint8Array<ArrayBuffer>[] {
    const keys: Uint8Array<ArrayBuffer>[] = [];
    let last: Uint8Array | null = null;
    // A key that was deleted meanwhile would begin anew.
    while (keys.length < this.maxEntries) {
      const key = new Uint8Array(this.keySize);
      const result = this.libbpf.symbols.bpf_map_get_next_key(this.fd, last, key);
      if (!this.#found("list", result)) break;
      keys.push(key);
      last = key;
    }
    return keys;
  }

  #found(verb: string, result: number): boolean {
    if (result === -ENOENT) return false;
    if (result < 0) throw this.libbpf.failure(`${verb} the BPF map "${this.name}"`, result);
    return true;
  }

  /** The kernel takes and writes as many bytes as the map says, whatever memory it is given. */
  #checkSizes(key: ArrayBufferView, value?: ArrayBufferView): void {
    if (key.byteLength !== this.keySize) {
      throw new RangeError(
        `Cannot use the BPF map "${this.name}": a key has ${this.keySize} bytes, not ` +
          `${key.byteLength}`,
      );
    }
    if (value !== undefined && value.byteLength !== this.elementSize) {
      throw new RangeError(
        `Cannot use the BPF map "${this.name}": an element has ${this.elementSize} bytes, not ` +
          `${value.byteLength}`,
      );
    }
  }
}

/** A per-CPU array of counters: each CPU has its own values under a key from 0 up. */
export class PerCpuArray {
  readonly #map: BpfMap;
  readonly #key = new Uint32Array(1);
  /** How many 64-bit words one CPU's value takes. */
  readonly wordsPerCpu: number;

  constructor(map: BpfMap) {
    if (map.keySize !== 4 || map.elementSize % 8 !== 0) {
      throw new TypeError(`Cannot read the BPF map "${map.name}" as a per-CPU array`);
    }
    this.#map = map;
    this.wordsPerCpu = map.elementSize / 8 / map.libbpf.possibleCpus;
  }

  /** Memory for one reading, to be used again for the next. */
  buffer(): BigUint64Array<ArrayBuffer> {
    return new BigUint64Array(this.#map.elementSize / 8);
  }

  /** Reads a key's values, one CPU's after the other's; allocates nothing. */
  readPerCpu(key: number, into: BigUint64Array): void {
    this.#key[0] = key;
    if (this.#map.lookup(this.#key, into)) return;
    throw new RangeError(`Cannot read the BPF map "${this.#map.name}": it has no key ${key}`);
  }
}

/**
 * The sum over the CPUs of what each counts at an offset, in bytes, of its value: a count that stays
 * below 2^53. `wordsPerCpu` is how many 64-bit words a value takes.
 */
export function sumOverCpus(
  values: BigUint64Array,
  byteOffset: number,
  wordsPerCpu: number,
): number {
  let sum = 0n;
  for (let at = byteOffset >> 3; at < values.length; at += wordsPerCpu) sum += values[at];
  return Number(sum);
}

const ENOENT = 2;
const BPF_ANY = 0n;
/** PERCPU_HASH, PERCPU_ARRAY, LRU_PERCPU_HASH and PERCPU_CGROUP_STORAGE of `enum bpf_map_type`. */
const PER_CPU_TYPES: ReadonlySet<number> = new Set([5, 6, 10, 21]);
