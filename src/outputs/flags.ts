/** Flags of open and clone by the names that their manual pages use. @module */

/** A name and its bits; where several bits make one name, it comes before its parts. */
type FlagTable = readonly (readonly [name: string, bits: number])[];

/** The architectures that the agent runs on. */
export type Architecture = "x86_64" | "aarch64";

const ACCESS_MODES = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"];
const ACCESS_MODE_BITS = 3;

/** include/uapi/asm-generic/fcntl.h, and arch/arm64/include/uapi/asm/fcntl.h for what differs. */
const OPEN_FLAGS: Readonly<Record<Architecture, FlagTable>> = {
  x86_64: openFlags({
    direct: 0o40000,
    largeFile: 0o100000,
    directory: 0o200000,
    noFollow: 0o400000,
  }),
  aarch64: openFlags({
    directory: 0o40000,
    noFollow: 0o100000,
    direct: 0o200000,
    largeFile: 0o400000,
  }),
};

/** include/uapi/linux/sched.h: the low half. Its lowest bits are the exit signal in clone(2) alone. */
const CLONE_FLAGS_LOW: FlagTable = [
  ["CLONE_NEWTIME", 0x80],
  ["CLONE_VM", 0x100],
  ["CLONE_FS", 0x200],
  ["CLONE_FILES", 0x400],
  ["CLONE_SIGHAND", 0x800],
  ["CLONE_PIDFD", 0x1000],
  ["CLONE_PTRACE", 0x2000],
  ["CLONE_VFORK", 0x4000],
  ["CLONE_PARENT", 0x8000],
  ["CLONE_THREAD", 0x10000],
  ["CLONE_NEWNS", 0x20000],
  ["CLONE_SYSVSEM", 0x40000],
  ["CLONE_SETTLS", 0x80000],
  ["CLONE_PARENT_SETTID", 0x100000],
  ["CLONE_CHILD_CLEARTID", 0x200000],
  ["CLONE_DETACHED", 0x400000],
  ["CLONE_UNTRACED", 0x800000],
  ["CLONE_CHILD_SETTID", 0x1000000],
  ["CLONE_NEWCGROUP", 0x2000000],
  ["CLONE_NEWUTS", 0x4000000],
  ["CLONE_NEWIPC", 0x8000000],
  ["CLONE_NEWUSER", 0x10000000],
  ["CLONE_NEWPID", 0x20000000],
  ["CLONE_NEWNET", 0x40000000],
  ["CLONE_IO", 0x80000000],
];

/** The high half of clone3(2)'s flags. */
const CLONE_FLAGS_HIGH: FlagTable = [
  ["CLONE_CLEAR_SIGHAND", 0x1],
  ["CLONE_INTO_CGROUP", 0x2],
];

/** CLONE_THREAD, which tells a new thread from a new process. */
export const CLONE_THREAD = 0x10000;

/** Names of the flags of open(2), joined by `|`, what has no name in hexadecimal at the end. */
export function openFlagNames(
  flags: number,
  architecture: Architecture = Deno.build.arch,
): string {
  const names = [ACCESS_MODES[flags & ACCESS_MODE_BITS]];
  const rest = takeNames(OPEN_FLAGS[architecture], flags & ~ACCESS_MODE_BITS, names);
  return joined(names, rest);
}

/** Names of the flags of clone3(2), given as `low + high * 2^32`; empty for none. */
export function cloneFlagNames(flags: number): string {
  const names: string[] = [];
  const low = takeNames(CLONE_FLAGS_LOW, flags % 2 ** 32, names);
  const high = takeNames(CLONE_FLAGS_HIGH, Math.floor(flags / 2 ** 32), names);
  return joined(names, high * 2 ** 32 + low);
}

/** Appends the names of the bits that have one, and returns the other bits. */
function takeNames(table: FlagTable, flags: number, names: string[]): number {
  let rest = flags;
  for (const [name, bits] of table) {
    if ((rest & bits) >>> 0 !== bits) continue;
    names.push(name);
    rest &= ~bits;
  }
  return rest >>> 0;
}

function joined(names: readonly string[], rest: number): string {
  return (rest === 0 ? names : [...names, `0x${rest.toString(16)}`]).join("|");
}

function openFlags(
  of: { direct: number; largeFile: number; directory: number; noFollow: number },
): FlagTable {
  return [
    ["O_CREAT", 0o100],
    ["O_EXCL", 0o200],
    ["O_NOCTTY", 0o400],
    ["O_TRUNC", 0o1000],
    ["O_APPEND", 0o2000],
    ["O_NONBLOCK", 0o4000],
    ["O_SYNC", 0o4010000],
    ["O_DSYNC", 0o10000],
    ["O_ASYNC", 0o20000],
    ["O_DIRECT", of.direct],
    ["O_LARGEFILE", of.largeFile],
    ["O_TMPFILE", 0o20000000 | of.directory],
    ["O_DIRECTORY", of.directory],
    ["O_NOFOLLOW", of.noFollow],
    ["O_NOATIME", 0o1000000],
    ["O_CLOEXEC", 0o2000000],
    ["O_PATH", 0o10000000],
  ];
}
