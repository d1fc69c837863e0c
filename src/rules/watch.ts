/** Exact paths to what the kernel knows their files by, and what has changed there. @module */
import { FileIdentity, Identified, Shared } from "../events/layout.gen.ts";
import { cString, type Libc } from "../kernel/libc.ts";
import { type FileStatus, statusOf } from "../kernel/status.ts";
import type { BpfObject } from "../libbpf/object.ts";
import type { BpfProgram } from "../libbpf/program.ts";
import { hashBytes, type HashKey, nameBucket } from "./hash.ts";
import { bytesOf } from "./struct.ts";
import type { FileName, Place } from "./watched_names.ts";

/** The program that tells what a descriptor's file is; run by the agent, never attached. */
export const IDENTIFY_PROGRAM = "identify";

export class ExactPaths {
  readonly #libc: Libc;
  readonly #program: BpfProgram;
  readonly #hashKey: HashKey;
  /** What the program has found. */
  readonly #found: DataView;

  /** `shared` is the memory of the BPF side. */
  constructor(libc: Libc, object: BpfObject, shared: Uint8Array, hashKey: HashKey) {
    this.#libc = libc;
    this.#program = object.program(IDENTIFY_PROGRAM);
    this.#hashKey = hashKey;
    this.#found = new DataView(shared.buffer, Shared.identified, Identified.byteSize);
  }

  /**
   * Where a path leads: what stat(2) tells of it is not on every filesystem what a hook sees, so the
   * BPF side looks at descriptors of this process.
   */
  locate(path: string): Place {
    const directory = this.#identify(directoryOf(path), O_DIRECTORY);
    if (directory === undefined) return [];
    const name = bytesOf(path.slice(path.lastIndexOf("/") + 1));
    const own = {
      inode: directory.getBigUint64(Identified.file + FileIdentity.inode, true),
      device: directory.getBigUint64(Identified.file + FileIdentity.deviceGeneration, true),
      hash: hashBytes(name, this.#hashKey),
      length: name.length,
      bucket: nameBucket(name),
      inMountRoot: this.#isMountRoot(directoryOf(path)),
    };
    const file = this.#identify(path, 0);
    return file === undefined ? [own] : [own, nameOf(file)];
  }

  /** Has a path's file, where there is one, known by what it is under an index of `watched`. */
  learn(path: string, slot: number, index: number): void {
    this.#identify(path, 0, slot, index);
  }

  /**
   * What statx(2) tells of a path: the same as long as its directory and its file are. A directory's
   * times change with what is in it; where nobody knows when it came to be, its file tells of another.
   */
  signature(path: string): string {
    const directory = statusOf(this.#libc, directoryOf(path));
    const file = statusOf(this.#libc, path);
    return [
      directory === undefined ? ABSENT : `${deviceAndInode(directory)} ${directory.bornAt}`,
      file === undefined ? ABSENT : `${deviceAndInode(file)} ${timeOf(file)}`,
    ].join();
  }

  /** What is found is overwritten by the next one. */
  #identify(path: string, flags: number, slot = NO_SLOT, index = 0): DataView | undefined {
    const { open, close } = this.#libc.symbols;
    const fd = open(cString(path), O_PATH | O_CLOEXEC | flags);
    try {
      const args = BigInt64Array.of(BigInt(fd), BigInt(slot), BigInt(index));
      return this.#program.testRun(new Uint8Array(args.buffer)) === 0 ? this.#found : undefined;
    } finally {
      if (fd >= 0) close(fd);
    }
  }

  /** Of "/" no other process has another, unless it has changed its root. */
  #isMountRoot(directory: string): boolean {
    return directory !== "/" && (statusOf(this.#libc, directory)?.isMountRoot ?? false);
  }
}

/** The name that the file itself has, which a link may not. */
function nameOf(file: DataView): FileName {
  return {
    inode: file.getBigUint64(Identified.directory + FileIdentity.inode, true),
    device: file.getBigUint64(Identified.directory + FileIdentity.deviceGeneration, true),
    hash: file.getBigUint64(Identified.hash, true),
    length: file.getUint32(Identified.length, true),
    bucket: file.getUint32(Identified.bucket, true),
  };
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function deviceAndInode({ device, inode }: FileStatus): string {
  return `${device} ${inode}`;
}

/** When the file came to be, since a number is given again; where nobody knows, when it changed. */
function timeOf({ bornAt, changedAt }: FileStatus): bigint {
  return bornAt ?? changedAt;
}

const O_PATH = 0o10000000;
const O_DIRECTORY = Deno.build.arch === "aarch64" ? 0o40000 : 0o200000;
const O_CLOEXEC = 0o2000000;
const ABSENT = "absent";
const NO_SLOT = 2;
