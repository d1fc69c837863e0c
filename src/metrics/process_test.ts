import { deepEqual, equal, ok } from "node:assert/strict";
import { type Libc, openLibc } from "../kernel/libc.ts";
import { parseStat, type ProcessStats, readProcessStats } from "./process.ts";

Deno.test("parseStat() is not misled by the program's name", () => {
  const numbers = Array.from({ length: 49 }, (_, index) => index + 4);
  deepEqual(parseStat(`7 (a) R 9 (b c) S ${numbers.join(" ")}\n`), {
    threads: 20,
    startTicks: 22,
    virtualBytes: 23,
    residentPages: 24,
  });
});

Deno.test("readProcessStats() agrees with what /proc tells", async () => {
  using libc = openLibc();
  const told = readAll(libc);
  const { residentBytes, virtualBytes, startTimeSeconds, openFds } = told;
  const status = await Deno.readTextFile("/proc/self/status");
  const kilobytes = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  // The process goes on allocating, and the runtime on starting threads, between the two readings.
  const close = (actual: number, expected: number) =>
    ok(Math.abs(actual - expected) < expected / 2, `${actual} is not near ${expected}`);
  close(residentBytes, kilobytes("VmRSS"));
  close(virtualBytes, kilobytes("VmSize"));

  close(told.threads, Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]));
  const limits = await Deno.readTextFile("/proc/self/limits");
  const softLimit = (name: string) => {
    const [, limit] = new RegExp(`^${name} +(\\d+|unlimited) `, "m").exec(limits) ?? [];
    return limit === "unlimited" ? 2 ** 64 : Number(limit);
  };
  equal(told.maxFds, softLimit("Max open files"));
  equal(told.maxVirtualBytes, softLimit("Max address space"));

  const boot = Number(/^btime (\d+)$/m.exec(await Deno.readTextFile("/proc/stat"))?.[1]);
  const { startTicks } = parseStat(await Deno.readTextFile("/proc/self/stat"));
  // The kernel's boot time is cut to whole seconds.
  ok(Math.abs(startTimeSeconds - (boot + startTicks / 100)) < 1.5);
  ok(openFds > 2);
});

Deno.test("readProcessStats() counts the descriptors that /proc/self/fd lists", () => {
  using libc = openLibc();
  const files = Array.from({ length: 100 }, () => Deno.openSync("/dev/null"));
  try {
    // The runtime's own threads may open or close a file between the two readings.
    const agrees = () => {
      const { openFds } = readAll(libc);
      // One of those listed is the directory itself.
      return openFds > 100 && openFds === [...Deno.readDirSync("/proc/self/fd")].length - 1;
    };
    ok(Array.from({ length: 20 }, agrees).includes(true));
  } finally {
    for (const file of files) file.close();
  }
});

Deno.test("readProcessStats() counts CPU time as it is used, and the start stays", () => {
  using libc = openLibc();
  const before = readAll(libc);
  let spent = before.cpuSeconds;
  // Ends only if the clock of CPU time moves while nothing but this loop runs.
  while (spent < before.cpuSeconds + 0.02) spent = readAll(libc).cpuSeconds;
  equal(readAll(libc).startTimeSeconds, before.startTimeSeconds);
});

/** Fails where something could not be read. */
function readAll(libc: Libc): Readonly<Record<keyof ProcessStats, number>> {
  const known = (value: number | undefined): number => {
    if (value === undefined) throw new TypeError("a number is missing");
    return value;
  };
  const stats = readProcessStats(libc);
  return {
    cpuSeconds: stats.cpuSeconds,
    residentBytes: known(stats.residentBytes),
    virtualBytes: known(stats.virtualBytes),
    maxVirtualBytes: stats.maxVirtualBytes,
    threads: known(stats.threads),
    startTimeSeconds: known(stats.startTimeSeconds),
    openFds: known(stats.openFds),
    maxFds: stats.maxFds,
  };
}
