/** Which CPUs run programs just now: some may be taken offline, or come later. @module */
import type { Libc } from "./libc.ts";
import { readKernelPart } from "./read_file.ts";

const ONLINE_PATH = "/sys/devices/system/cpu/online";
/** Bytes of the longest list, as of every other CPU of a thousand. */
const LONGEST = 4096;
/** What nearly every list fits in: it is read each second, and memory that is asked for is work later. */
const SHORT = 64;

/** The numbers of the CPUs that are online. Throws a KernelFileError where there is no sysfs. */
export function readOnlineCpus(libc: Libc): ReadonlySet<number> {
  const short = readKernelPart(libc, ONLINE_PATH, 0, SHORT);
  const list = short.length < SHORT ? short : readKernelPart(libc, ONLINE_PATH, 0, LONGEST);
  return parseCpuList(new TextDecoder().decode(list));
}

/** The numbers in a list of the kernel's, such as `0-3,8`. */
export function parseCpuList(list: string): ReadonlySet<number> {
  const cpus = new Set<number>();
  for (const range of list.trim().split(",")) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    for (let cpu = Number(first); cpu <= Number(last); cpu++) cpus.add(cpu);
  }
  return cpus;
}
