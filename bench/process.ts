/** What the kernel accounts for a process: CPU time, memory and how often it slept. @module */

const PAGE_SIZE = 4096;
const TICKS_PER_SECOND = 100;
/** The clock of a whole process, in its number: include/linux/posix-timers_types.h. */
const CPUCLOCK_SCHED = 2;
/** A tool that uses less than this has done what there was to do. */
const AT_REST_SHARE = 0.03;
const LOOK_MS = 150;

const libc = Deno.dlopen("libc.so.6", {
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
});

/** CPU time in seconds that processes have used so far, with threads that have ended. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
}

function cpuSecondsOf(pid: number): number {
  const time = new BigInt64Array(2);
  if (libc.symbols.clock_gettime(~pid << 3 | CPUCLOCK_SCHED, time) !== 0) {
    throw new Error(`Cannot read the CPU time of process ${pid}: it has ended`);
  }
  return Number(time[0]) + Number(time[1]) / 1e9;
}

/** CPU seconds that processes use for some work, until they have come to rest after it. */
export async function cpuSecondsFor<T>(
  pids: readonly number[],
  work: () => Promise<T>,
  mostMs = 3000,
): Promise<{ readonly result: T; readonly seconds: number }> {
  const before = cpuSeconds(pids);
  const result = await work();
  let after = cpuSeconds(pids);
  for (const deadline = performance.now() + mostMs; performance.now() < deadline;) {
    await delay(LOOK_MS);
    const now = cpuSeconds(pids);
    const used = now - after;
    after = now;
    if (used < AT_REST_SHARE * LOOK_MS / 1000) break;
  }
  return { result, seconds: after - before };
}

/** Resident memory in bytes (proc(5), statm). */
export async function residentBytes(pid: number): Promise<number> {
  const statm = await Deno.readTextFile(`/proc/${pid}/statm`);
  return Number(statm.split(" ")[1]) * PAGE_SIZE;
}

/** How often the threads of a process have gone to sleep, and so were woken. */
export async function sleeps(pid: number): Promise<number> {
  let sum = 0;
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const status = await Deno.readTextFile(`/proc/${pid}/task/${name}/status`).catch(() => "");
    sum += Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return sum;
}

/** CPU seconds of all CPUs since the machine started (proc(5), stat). */
export interface MachineTime {
  readonly atMs: number;
  readonly idle: number;
  /** What the hypervisor gave to others while there was something to do here. */
  readonly stolen: number;
}

export async function machineTime(): Promise<MachineTime> {
  const [line = ""] = (await Deno.readTextFile("/proc/stat")).split("\n");
  const ticks = line.split(/\s+/).slice(1).map(Number);
  const seconds = (...fields: readonly number[]) =>
    fields.reduce((sum, field) => sum + ticks[field], 0) / TICKS_PER_SECOND;
  return { atMs: performance.now(), idle: seconds(3, 4), stolen: seconds(7) };
}

/** How many cores were busy, and how many were stolen, on average since a time. */
export async function since(before: MachineTime): Promise<{ busy: number; stolen: number }> {
  const after = await machineTime();
  const seconds = (after.atMs - before.atMs) / 1000;
  const stolen = (after.stolen - before.stolen) / seconds;
  const idle = (after.idle - before.idle) / seconds;
  return { busy: Math.max(0, navigator.hardwareConcurrency - idle), stolen };
}

/** Resolves after a time. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
