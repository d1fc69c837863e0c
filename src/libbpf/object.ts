/** A BPF object from its image to programs and maps in the kernel. @module */
import { cString } from "../kernel/libc.ts";
import type { Libbpf } from "./library.ts";
import { Lifetime } from "./lifetime.ts";
import { BpfMap } from "./map.ts";
import { BpfProgram } from "./program.ts";
import { structureWith } from "./structure.ts";
import type { BpfMapPointer, BpfObjectPointer, BpfProgramPointer } from "./symbols.ts";

/**
 * Opens the image of an object, of which libbpf takes a copy; nothing reaches the kernel yet.
 * Throws a LibbpfError where the image is damaged.
 */
export function openObject(libbpf: Libbpf, image: Uint8Array, name: string): BpfObject {
  const options = openOptions(name);
  const pointer = libbpf.attemptPointer(
    `open the BPF object "${name}"`,
    (symbols) => symbols.bpf_object__open_mem(image, BigInt(image.byteLength), options),
  );
  return new BpfObject(libbpf, name, pointer);
}

/** A BPF object: first prepared, then loaded once, then used. */
export class BpfObject implements Disposable {
  readonly name: string;
  readonly #libbpf: Libbpf;
  readonly #pointer: BpfObjectPointer;
  readonly #lifetime: Lifetime;
  #loaded = false;

  /** Called by {@link openObject}; takes the object over. */
  constructor(libbpf: Libbpf, name: string, pointer: BpfObjectPointer) {
    this.name = name;
    this.#libbpf = libbpf;
    this.#pointer = pointer;
    this.#lifetime = new Lifetime(`the BPF object "${name}"`);
  }

  /** The names of all programs in the object, loaded or not. */
  programs(): readonly string[] {
    const { bpf_object__next_program: next, bpf_program__name: nameOf } = this.#libbpf.symbols;
    const object = this.#alive();
    const names: string[] = [];
    for (let program = next(object, null); program !== null; program = next(object, program)) {
      const name = nameOf(program);
      // SAFETY: the name belongs to the object, which is open.
      if (name !== null) names.push(Deno.UnsafePointerView.getCString(name));
    }
    return names;
  }

  /** Has a program loaded with the object or left out; before `load`. */
  setAutoload(program: string, on: boolean): void {
    const pointer = this.#findProgram(program);
    this.#libbpf.attempt(
      `${on ? "ask for" : "leave out"} the BPF program "${program}"`,
      (symbols) => symbols.bpf_program__set_autoload(pointer, on),
    );
  }

  /** Has an fentry or fexit program attached to another function than its section says; before `load`. */
  setAttachTarget(program: string, target: string): void {
    const pointer = this.#findProgram(program);
    this.#libbpf.attempt(
      `aim the BPF program "${program}" at ${target}`,
      (symbols) => symbols.bpf_program__set_attach_target(pointer, 0, cString(target)),
    );
  }

  /** Has a map left out, which nothing that is loaded may use; before `load`. */
  leaveOut(map: string): void {
    const pointer = this.#findMap(map);
    this.#libbpf.attempt(
      `leave out the BPF map "${map}"`,
      (symbols) => symbols.bpf_map__set_autocreate(pointer, false),
    );
  }

  /** Sets how many elements a map has room for; before `load`. */
  setMaxEntries(map: string, entries: number): void {
    const pointer = this.#findMap(map);
    this.#libbpf.attempt(
      `size the BPF map "${map}"`,
      (symbols) => symbols.bpf_map__set_max_entries(pointer, entries),
    );
  }

  /** A copy of what a map of global variables, such as `.rodata`, starts with. */
  initialValue(map: string): Uint8Array {
    const pointer = this.#findMap(map);
    const size = new BigUint64Array(1);
    const value = this.#libbpf.attemptPointer(
      `read the initial value of the BPF map "${map}"`,
      (symbols) => symbols.bpf_map__initial_value(pointer, size),
    );
    // A map holds at most KMALLOC_MAX_SIZE, 4 MiB, in a value.
    const copy = new Uint8Array(Number(size[0]));
    // SAFETY: the value belongs to the object, which is open, and has the size that came with it.
    Deno.UnsafePointerView.copyInto(value, copy);
    return copy;
  }

  /** Sets what a map of global variables starts with, all of it; before `load`. */
  setInitialValue(map: string, bytes: Uint8Array): void {
    const pointer = this.#findMap(map);
    const size = this.#libbpf.symbols.bpf_map__value_size(pointer);
    if (bytes.byteLength !== size) {
      throw new RangeError(
        `Cannot set the initial value of the BPF map "${map}": it has ${size} bytes, not ` +
          `${bytes.byteLength}`,
      );
    }
    this.#libbpf.attempt(
      `set the initial value of the BPF map "${map}"`,
      (symbols) => symbols.bpf_map__set_initial_value(pointer, bytes, BigInt(size)),
    );
  }

  /**
   * Loads the programs and creates the maps. The kernel refuses all of it where it refuses one
   * program; the LibbpfError names that, in the verifier's words. It can be tried once.
   */
  load(): void {
    const pointer = this.#alive();
    this.#libbpf.attempt(
      `load the BPF object "${this.name}"`,
      (symbols) => symbols.bpf_object__load(pointer),
    );
    this.#loaded = true;
  }

  /** A program of the loaded object; throws a LibbpfError where it was left out. */
  program(name: string): BpfProgram {
    this.#checkLoaded();
    const pointer = this.#findProgram(name);
    const fd = this.#libbpf.attempt(
      `use the BPF program "${name}"`,
      (symbols) => symbols.bpf_program__fd(pointer),
    );
    return new BpfProgram(this.#libbpf, { name, fd, pointer, lifetime: this.#lifetime });
  }

  /** A map of the loaded object. */
  map(name: string): BpfMap {
    this.#checkLoaded();
    const pointer = this.#findMap(name);
    return new BpfMap(this.#libbpf, { name, pointer, lifetime: this.#lifetime });
  }

  [Symbol.dispose](): void {
    const { bpf_object__close: close } = this.#libbpf.symbols;
    if (this.#lifetime.end()) close(this.#pointer);
  }

  #alive(): BpfObjectPointer {
    this.#lifetime.check();
    return this.#pointer;
  }

  /** Before that a map may show a descriptor that does not lead to it yet (libbpf 1.4 and later). */
  #checkLoaded(): void {
    if (!this.#loaded) {
      throw new TypeError(`Cannot use the BPF object "${this.name}": it is not loaded`);
    }
  }

  #findProgram(name: string): BpfProgramPointer {
    const object = this.#alive();
    return this.#libbpf.attemptPointer(
      `find the BPF program "${name}"`,
      (symbols) => symbols.bpf_object__find_program_by_name(object, cString(name)),
    );
  }

  #findMap(name: string): BpfMapPointer {
    const object = this.#alive();
    return this.#libbpf.attemptPointer(
      `find the BPF map "${name}"`,
      (symbols) => symbols.bpf_object__find_map_by_name(object, cString(name)),
    );
  }
}

/** `struct bpf_object_open_opts` as far as the name. */
function openOptions(name: string): Uint8Array {
  const { bytes, fields, dataAddress } = structureWith(OPEN_OPTS.size, cString(name));
  fields.setBigUint64(OPEN_OPTS.sz, BigInt(OPEN_OPTS.size), true);
  fields.setBigUint64(OPEN_OPTS.objectName, dataAddress, true);
  return bytes;
}

/** Offsets; what a caller's structure is too short for, libbpf takes as zero. */
const OPEN_OPTS = { sz: 0, objectName: 8, size: 16 } as const;
