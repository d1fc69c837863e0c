/** Reads the type information (BTF) of a BPF object: structs, enums and where variables stand.
 *
 * Format: the kernel's Documentation/bpf/btf.rst and the ELF-64 specification, little-endian.
 * @module */

/** A struct's member: its name, byte offset, and the size of its type in bytes (0: flexible array). */
export interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

export interface Struct {
  readonly size: number;
  readonly members: readonly Member[];
}

export interface Btf {
  readonly structs: ReadonlyMap<string, Struct>;
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

interface RawType {
  readonly name: string;
  readonly kind: number;
  /** How many members it has. */
  readonly length: number;
  /** A size or another type's number, as the kind has it. */
  readonly sizeOrType: number;
  /** What follows the type's first 12 bytes, as 32-bit words. */
  readonly words: Uint32Array;
  /** Names of a struct's, union's or enum's members. */
  readonly memberNames: readonly string[];
}

const KIND = { int: 1, pointer: 2, array: 3, struct: 4, union: 5, enum: 6 } as const;
/** Words that follow a type of each kind: fixed, or so many for each member. */
const FIXED_WORDS: Readonly<Record<number, number>> = { 1: 1, 3: 3, 14: 1, 17: 1 };
const WORDS_PER_MEMBER: Readonly<Record<number, number>> = {
  4: 3,
  5: 3,
  6: 2,
  13: 2,
  15: 3,
  19: 3,
};

const NAMED_MEMBERS: ReadonlySet<number> = new Set([KIND.struct, KIND.union, KIND.enum]);

/** Parses the `.BTF` section of an object; throws where there is none. */
export function parseBtf(object: Uint8Array): Btf {
  const types = readTypes(elfSection(object, ".BTF"));
  const structs = new Map<string, Struct>();
  const enums = new Map<string, Map<string, number>>();
  for (const type of types) {
    if (type.kind === KIND.struct && type.name !== "") {
      structs.set(type.name, structOf(type, types));
    }
    if (type.kind === KIND.enum && type.name !== "") enums.set(type.name, enumOf(type));
  }
  return { structs, enums };
}

/** The bytes of an ELF-64 section. */
export function elfSection(object: Uint8Array, wanted: string): Uint8Array {
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  const table = Number(view.getBigUint64(40, true));
  const entrySize = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  const section = (index: number) => {
    const at = table + index * entrySize;
    const offset = Number(view.getBigUint64(at + 24, true));
    const size = Number(view.getBigUint64(at + 32, true));
    return { name: view.getUint32(at, true), bytes: object.subarray(offset, offset + size) };
  };
  const names = section(view.getUint16(62, true)).bytes;
  for (let index = 0; index < count; index++) {
    const { name, bytes } = section(index);
    if (stringAt(names, name) === wanted) return bytes;
  }
  throw new Error(`Cannot read the object: it has no section ${wanted}`);
}

function readTypes(section: Uint8Array): RawType[] {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const header = view.getUint32(4, true);
  const typesAt = header + view.getUint32(8, true);
  const typesEnd = typesAt + view.getUint32(12, true);
  const strings = section.subarray(header + view.getUint32(16, true));
  const nothing = { name: "void", kind: 0, length: 0, sizeOrType: 0, memberNames: [] };
  const types: RawType[] = [{ ...nothing, words: new Uint32Array() }];
  for (let at = typesAt; at < typesEnd;) {
    const info = view.getUint32(at + 4, true);
    const kind = (info >> 24) & 0x1f;
    const length = info & 0xffff;
    const step = WORDS_PER_MEMBER[kind] ?? 0;
    const count = FIXED_WORDS[kind] ?? length * step;
    const words = Uint32Array.from(
      { length: count },
      (_, i) => view.getUint32(at + 12 + i * 4, true),
    );
    types.push({
      name: stringAt(strings, view.getUint32(at, true)),
      kind,
      length,
      sizeOrType: view.getUint32(at + 8, true),
      words,
      memberNames: NAMED_MEMBERS.has(kind)
        ? Array.from({ length }, (_, i) => stringAt(strings, words[i * step]))
        : [],
    });
    at += 12 + count * 4;
  }
  return types;
}

function structOf(type: RawType, types: readonly RawType[]): Struct {
  const members = type.memberNames.map((name, i) => ({
    name,
    offset: type.words[i * 3 + 2] / 8,
    size: sizeOf(type.words[i * 3 + 1], types),
  }));
  return { size: type.sizeOrType, members };
}

function enumOf(type: RawType): Map<string, number> {
  return new Map(type.memberNames.map((name, i) => [name, type.words[i * 2 + 1]]));
}

function sizeOf(id: number, types: readonly RawType[]): number {
  const type = types[id];
  switch (type.kind) {
    case KIND.int:
    case KIND.struct:
    case KIND.union:
    case KIND.enum:
      return type.sizeOrType;
    case KIND.pointer:
      return 8;
    case KIND.array:
      return sizeOf(type.words[0], types) * type.words[2];
    default: // typedef, const, volatile, restrict
      return sizeOf(type.sizeOrType, types);
  }
}

function stringAt(strings: Uint8Array, at: number): string {
  return new TextDecoder().decode(strings.subarray(at, strings.indexOf(0, at)));
}
