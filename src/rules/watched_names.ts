/** Exact paths by what the kernel knows them by, which is a name in a directory. @module */
import { Builtin } from "../events/layout.gen.ts";
import { type Bits, bothOf, type CompiledRules, type FileField, NO_BITS } from "./compile.ts";

/** A name in a directory, as the kernel knows both. */
export interface FileName {
  readonly inode: bigint;
  /** And the generation of the inode. */
  readonly device: bigint;
  readonly hash: bigint;
  /** Of the name, in bytes. */
  readonly length: number;
  /** Of the name, in `rule_set.names`. */
  readonly bucket: number;
  /** The directory is a mount's: for other processes another may be there. */
  readonly inMountRoot?: boolean;
}

/**
 * Where an exact path leads: its own name, and where a link or a mount leads elsewhere, the name that
 * the file has there. None: its directory is not there, or not to be reached.
 */
export type Place = readonly FileName[];

export type Places = ReadonlyMap<string, Place>;

/** A name that exact paths lead to, and what rules say of these. */
export interface WatchedName {
  readonly name: FileName;
  readonly bits: Readonly<Record<FileField, Bits>>;
  /** What is counted besides. */
  readonly builtin: number;
}

/** Counted whatever the rules say; the rest of the agent knows it by its own name. */
export const BUILTIN_PATHS: ReadonlyMap<string, number> = new Map([[
  "/etc/passwd",
  Builtin.passwd,
]]);

/** Every path whose file is to be known. */
export function exactPaths({ files }: CompiledRules): readonly string[] {
  return [
    ...new Set([...BUILTIN_PATHS.keys(), ...files.path.exact.keys(), ...files.exe.exact.keys()]),
  ];
}

/** Whether the file of a path is to be known by the path's text, too or alone. */
export function goesByText(places: Places, path: string): boolean {
  const [name] = places.get(path) ?? [];
  return name === undefined || name.inMountRoot === true;
}

/** The same for the same name in the same directory. */
export function keyOf({ device, inode, hash }: FileName): string {
  return `${device} ${inode} ${hash}`;
}

/** The names that all exact paths lead to, each once. */
export function watchedNames(compiled: CompiledRules, places: Places): readonly WatchedName[] {
  const { path: opened, exe } = compiled.files;
  const names = new Map<string, WatchedName>();
  for (const path of exactPaths(compiled)) {
    const bits = {
      path: opened.exact.get(path) ?? NO_BITS,
      exe: exe.exact.get(path) ?? NO_BITS,
    };
    for (const name of places.get(path) ?? []) {
      const other = names.get(keyOf(name));
      names.set(keyOf(name), {
        name,
        bits: {
          path: bothOf(bits.path, other?.bits.path ?? NO_BITS),
          exe: bothOf(bits.exe, other?.bits.exe ?? NO_BITS),
        },
        builtin: (BUILTIN_PATHS.get(path) ?? 0) | (other?.builtin ?? 0),
      });
    }
  }
  return [...names.values()];
}
