/** What files are, by statx(2): Deno itself would want the permission to read them. @module */
import { cString, type Libc } from "./libc.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
/** As stat(2) does: where nothing is mounted yet, nothing is mounted for a look. */
const AT_NO_AUTOMOUNT = 0x800;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const STATX_BTIME = 0x800;
const STATX_ATTR_MOUNT_ROOT = 0x2000n;
/** Offsets in `struct statx` (linux/stat.h), which is the same on every machine. */
const STATX = {
  mask: 0,
  attributes: 8,
  mode: 28,
  inode: 32,
  size: 40,
  btime: 80,
  ctime: 96,
  mtime: 112,
  deviceMajor: 136,
  deviceMinor: 140,
  byteSize: 256,
} as const;
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFSOCK = 0o140000;
const BILLION = 1_000_000_000n;

/** What a file was when it was looked at. Times are nanoseconds since the epoch. */
export class FileStatus {
  readonly #statx: DataView;

  /** Called by {@link statusOf}. */
  constructor(statx: DataView) {
    this.#statx = statx;
  }

  get type(): "file" | "socket" | "other" {
    const type = this.#statx.getUint16(STATX.mode, true) & S_IFMT;
    return type === S_IFREG ? "file" : type === S_IFSOCK ? "socket" : "other";
  }

  /** In bytes: no filesystem has a file of 2^53. */
  get size(): number {
    return Number(this.#statx.getBigUint64(STATX.size, true));
  }

  get inode(): bigint {
    return this.#statx.getBigUint64(STATX.inode, true);
  }

  /** Of the filesystem, as stat(2) numbers it: glibc's makedev(3), of 12 and 20 bits. */
  get device(): bigint {
    const major = this.#statx.getUint32(STATX.deviceMajor, true);
    const minor = this.#statx.getUint32(STATX.deviceMinor, true);
    return BigInt(major) << 8n | BigInt(minor & 0xff) | BigInt(minor & 0xfff00) << 12n;
  }

  /** Whether another filesystem begins there. */
  get isMountRoot(): boolean {
    return (this.#statx.getBigUint64(STATX.attributes, true) & STATX_ATTR_MOUNT_ROOT) !== 0n;
  }

  /** When the file came to be; undefined where its filesystem does not keep that. */
  get bornAt(): bigint | undefined {
    const isKept = (this.#statx.getUint32(STATX.mask, true) & STATX_BTIME) !== 0;
    return isKept ? this.#time(STATX.btime) : undefined;
  }

  /** When its content changed. */
  get modifiedAt(): bigint {
    return this.#time(STATX.mtime);
  }

  /** When anything of it changed, its name and its owner too. */
  get changedAt(): bigint {
    return this.#time(STATX.ctime);
  }

  /** `struct statx_timestamp`: i64 tv_sec, u32 tv_nsec. */
  #time(at: number): bigint {
    return this.#statx.getBigInt64(at, true) * BILLION +
      BigInt(this.#statx.getUint32(at + 8, true));
  }
}

/**
 * What a path leads to, or a descriptor stands for; a link itself where it is not `followed`.
 * Undefined where there is nothing that can be looked at: errno tells why.
 */
export function statusOf(
  libc: Libc,
  file: string | number,
  followed = true,
): FileStatus | undefined {
  const [start, path, how] = typeof file === "number"
    ? [file, "", AT_EMPTY_PATH]
    : [AT_FDCWD, file, followed ? 0 : AT_SYMLINK_NOFOLLOW];
  const statx = new DataView(new ArrayBuffer(STATX.byteSize));
  const wanted = STATX_BASIC_STATS | STATX_BTIME;
  const error = libc.symbols.statx(start, cString(path), how | AT_NO_AUTOMOUNT, wanted, statx);
  return error === 0 ? new FileStatus(statx) : undefined;
}
