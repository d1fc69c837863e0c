/**
 * What the kernel accounts for the agent's own process, read through libc: Deno's reading of
 * /proc/self demands every permission there is.
 * @module
 */
import { cString, type Libc, pageSize } from "../kernel/libc.ts";
import { KernelFileError, readKernelText } from "../kernel/read_file.ts";

/** The numbers behind the standard `process_*` metrics; undefined where they cannot be read. */
export interface ProcessStats {
  readonly cpuSeconds: number;
  readonly residentBytes: number | undefined;
  readonly virtualBytes: number | undefined;
  /** 2^64 where there is no limit. */
  readonly maxVirtualBytes: number;
  readonly threads: number | undefined;
  /** Seconds since the epoch; the same at every reading. */
  readonly startTimeSeconds: number | undefined;
  readonly openFds: number | undefined;
  readonly maxFds: number;
}

/** Fields of `/proc/PID/stat` by their number in proc(5), as far as they are needed. */
export interface ProcStat {
  /** Field 20. */
  readonly threads: number;
  /** Field 22, in ticks since the kernel's start. */
  readonly startTicks: number;
  /** Field 23, in bytes. */
  readonly virtualBytes: number;
  /** Field 24, in pages. */
  readonly residentPages: number;
}

// Never closed: it is the C library that the process itself runs on.
const { symbols: more } = Deno.dlopen("libc.so.6", {
  closedir: { parameters: ["pointer"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  opendir: { parameters: ["buffer"], result: "pointer" },
  readdir: { parameters: ["pointer"], result: "pointer" },
});

const CLOCK_BOOTTIME = 7;
const RLIMIT_NOFILE = 7;
const RLIMIT_AS = 9;
const RUSAGE_SELF = 0;
/** The kernel shows times in ticks of 1/100 s to user space, whatever its own rate (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** `struct rusage` is two `struct timeval` (seconds, microseconds) and 14 longs. */
const RUSAGE_LONGS = 18;

let startTimeSeconds: number | undefined;

/** Reads everything afresh, in some tens of microseconds. */
export function readProcessStats(libc: Libc): ProcessStats {
  const stat = readStat(libc);
  if (stat !== undefined) startTimeSeconds ??= startTime(libc, stat.startTicks);
  return {
    cpuSeconds: cpuSeconds(libc),
    residentBytes: stat && stat.residentPages * pageSize(libc),
    virtualBytes: stat?.virtualBytes,
    maxVirtualBytes: softLimit(RLIMIT_AS),
    threads: stat?.threads,
    startTimeSeconds,
    openFds: countOpenFds(),
    maxFds: softLimit(RLIMIT_NOFILE),
  };
}

/** Parses a line of `/proc/PID/stat`. */
export function parseStat(line: string): ProcStat {
  // The program's name, field 2, stands in parentheses and may hold some itself, and spaces.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    threads: field(20),
    startTicks: field(22),
    virtualBytes: field(23),
    residentPages: field(24),
  };
}

function readStat(libc: Libc): ProcStat | undefined {
  try {
    return parseStat(readKernelText(libc, "/proc/self/stat"));
  } catch (error) {
    // Where no descriptor is left, for one; the other numbers are then all the more wanted.
    if (error instanceof KernelFileError) return undefined;
    throw error;
  }
}

/** By the wall clock as it is now, to the tick: the kernel tells no more. */
function startTime(libc: Libc, startTicks: number): number {
  const timespec = new BigInt64Array(2);
  libc.symbols.clock_gettime(CLOCK_BOOTTIME, timespec);
  const sinceBootMs = Number(timespec[0]) * 1000 + Number(timespec[1]) / 1e6;
  const bootTicks = (Date.now() - sinceBootMs) * TICKS_PER_SECOND / 1000;
  return Math.round(bootTicks + startTicks) / TICKS_PER_SECOND;
}

/** To the microsecond; /proc/self/stat tells ticks alone. */
function cpuSeconds(libc: Libc): number {
  const usage = new BigInt64Array(RUSAGE_LONGS);
  libc.symbols.getrusage(RUSAGE_SELF, usage);
  const [userSeconds, userMicroseconds, systemSeconds, systemMicroseconds] = usage;
  const seconds = userSeconds + systemSeconds;
  // Below 2^53: 285 years of CPU time.
  return Number(seconds * 1_000_000n + userMicroseconds + systemMicroseconds) / 1e6;
}

function countOpenFds(): number | undefined {
  const directory = more.opendir(cString("/proc/self/fd"));
  if (directory === null) return undefined;
  // Not counted: ".", ".." and the descriptor that the directory is read through.
  let count = -3;
  while (more.readdir(directory) !== null) count++;
  more.closedir(directory);
  return count;
}

function softLimit(resource: number): number {
  const limit = new BigUint64Array(2);
  more.getrlimit(resource, limit);
  return Number(limit[0]);
}
