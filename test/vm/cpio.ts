/** Writes initial RAM disks: archives in the "newc" format, as the kernel unpacks them.
 *
 * Format: Documentation/driver-api/early-userspace/buffer-format.rst. Archives may stand one after
 * the other in one file.
 * @module */

export interface Entry {
  /** Without a slash at its start. */
  readonly path: string;
  /** Type and permissions, as `st_mode` has them. */
  readonly mode: number;
  readonly bytes?: Uint8Array;
  /** Seconds since the epoch. */
  readonly modified?: number;
  /** Major and minor number of a device. */
  readonly device?: readonly [major: number, minor: number];
}

/** What stands for each kind of file in its mode. */
export const TYPE = { directory: 0o40000, file: 0o100000, character: 0o20000 } as const;

/** The bytes of an archive, piece by piece; folders that an entry stands in come by themselves. */
export function* archive(entries: Iterable<Entry>): Generator<Uint8Array> {
  const folders = new Set<string>();
  let inode = 0;
  for (const entry of entries) {
    for (const path of missingFolders(entry.path, folders)) {
      yield* record({ path, mode: TYPE.directory | 0o755 }, ++inode);
    }
    if ((entry.mode & TYPE.directory) !== 0) folders.add(entry.path);
    yield* record(entry, ++inode);
  }
  yield* record({ path: "TRAILER!!!", mode: 0 }, ++inode);
}

function missingFolders(path: string, known: Set<string>): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  const missing = parts.map((_, i) => parts.slice(0, i + 1).join("/"))
    .filter((folder) => !known.has(folder));
  for (const folder of missing) known.add(folder);
  return missing;
}

function* record(entry: Entry, inode: number): Generator<Uint8Array> {
  const { path, mode, bytes = new Uint8Array(), modified = 0, device = [0, 0] } = entry;
  const name = new TextEncoder().encode(`${path}\0`);
  const [owner, group, links, checksum] = [0, 0, 1, 0];
  const fields = [inode, mode, owner, group, links, modified, bytes.length, 0, 0, ...device];
  const header = [...fields, name.length, checksum]
    .map((field) => field.toString(16).padStart(8, "0")).join("");
  yield new TextEncoder().encode(`070701${header}`);
  yield name;
  yield padding(HEADER_SIZE + name.length);
  yield bytes;
  yield padding(bytes.length);
}

const HEADER_SIZE = 110;

/** Each part begins at a multiple of four. */
function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}
