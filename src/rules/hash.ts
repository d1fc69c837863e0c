/** The hash by which the BPF programs know names and paths; bpf/rule_files.h has the other half. @module */

/** Chosen at random for each run, so that nobody can make a name that passes for another. */
export interface HashKey {
  readonly seed: bigint;
  /** Odd. */
  readonly factor: bigint;
}

/** A key that nobody knows. */
export function randomHashKey(): HashKey {
  const [seed, factor] = crypto.getRandomValues(new BigUint64Array(2));
  return { seed, factor: factor | 1n };
}

/** The bucket of a name, by its first bytes and its length: `bucket_of_name()` in bpf/rule_files.h. */
export function nameBucket(name: Uint8Array): number {
  const first = new Uint8Array(8);
  first.set(name.subarray(0, 8));
  const [word] = new BigUint64Array(first.buffer);
  return Number(BigInt.asUintN(64, (word ^ BigInt(name.length)) * GOLDEN) >> 54n);
}

const GOLDEN = 0x9e3779b97f4a7c15n;

/** Hashes fewer than 256 bytes, as 64 bits without sign. */
export function hashBytes(bytes: Uint8Array, { seed, factor }: HashKey): bigint {
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
  padded.set(bytes);
  let hash = BigInt.asUintN(64, (seed ^ BigInt(bytes.length)) * factor);
  for (const word of new BigUint64Array(padded.buffer)) {
    hash = BigInt.asUintN(64, (hash ^ word) * factor);
    hash = BigInt.asUintN(64, (hash ^ hash >> 32n) * factor);
    hash ^= hash >> 29n;
  }
  return hash;
}
