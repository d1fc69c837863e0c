/** The files of a recording: the newest, and older ones that it was put away as. @module */
import { failedError, usageError } from "../errors.ts";
import type { Libc } from "../kernel/libc.ts";
import { KernelFileError, readKernelPart } from "../kernel/read_file.ts";
import { DiskError, lookAt, NewFile, remove, rename } from "./disk.ts";
import { isRecording, SIGNATURE } from "./format.ts";

export interface RecordingTarget {
  readonly path: string;
  /** In bytes: before the file would be larger, a new one is begun. */
  readonly maxSize: number;
  /** How many full files are kept besides: `path.1` is the last one, `path.2` the one before. */
  readonly keep: number;
}

export class RecordingFiles implements Disposable {
  readonly #libc: Libc;
  readonly #target: RecordingTarget;
  #file: NewFile | undefined;

  /**
   * Puts recordings that are there away and begins a new one. Throws an AgentError where it cannot,
   * or where a name that it would take belongs to something else.
   */
  constructor(libc: Libc, target: RecordingTarget) {
    this.#libc = libc;
    this.#target = target;
    try {
      for (const path of names(target)) refuseOthers(libc, path);
      this.#begin();
    } catch (error) {
      if (!(error instanceof DiskError || error instanceof KernelFileError)) throw error;
      throw failedError(
        `${error.message}. Give record a file in a folder that can be written to`,
        error,
      );
    }
  }

  get path(): string {
    return this.#target.path;
  }

  get maxSize(): number {
    return this.#target.maxSize;
  }

  /** The file that is written to. */
  get current(): NewFile | undefined {
    return this.#file;
  }

  /** Puts the file away and begins a new one; throws a DiskError, and may be tried again. */
  rotate(): NewFile {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
    return this.#begin();
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }

  #begin(): NewFile {
    const { path } = this.#target;
    // Where an attempt failed it is away already: the next one must not cost an older file.
    if (isFile(this.#libc, path)) this.#putAway();
    this.#file = new NewFile(this.#libc, path);
    return this.#file;
  }

  /** Makes each file the next older one; the oldest goes. */
  #putAway(): void {
    const all = names(this.#target);
    if (all.length === 1) remove(this.#libc, all[0]);
    for (let age = all.length - 1; age > 0; age--) {
      if (isFile(this.#libc, all[age - 1])) rename(this.#libc, all[age - 1], all[age]);
    }
  }
}

function isFile(libc: Libc, path: string): boolean {
  return lookAt(libc, path, false).is === "file";
}

/** Every name that a recording may take, from the newest file to the oldest. */
function names({ path, keep }: RecordingTarget): readonly string[] {
  return [path, ...Array.from({ length: keep }, (_, index) => `${path}.${index + 1}`)];
}

/** What is no recording stays where it is: a mistyped name must not put anything else away. */
function refuseOthers(libc: Libc, path: string): void {
  const { is } = lookAt(libc, path, false);
  if (is === "nothing" || (is === "file" && mayBePutAway(libc, path))) return;
  throw usageError(`Cannot record to ${path}: something else has that name. Name another file`);
}

/** An empty one holds nothing that could be lost. */
function mayBePutAway(libc: Libc, path: string): boolean {
  const start = readKernelPart(libc, path, 0, SIGNATURE.length);
  return start.length === 0 || isRecording(start);
}
