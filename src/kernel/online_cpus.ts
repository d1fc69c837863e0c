/** Which CPUs run programs just now: some may be taken offline, or come later. @module */
import type { Libc } from "./libc.ts";
import { readKernelText } from "./read_file.ts";

const ONLINE_PATH = "/sys/devices/system/cpu/online";

/** The numbers of the CPUs that are online. Throws a KernelFileError where there is no sysfs. */
export function readOnlineCpus(libc: Libc): ReadonlySet<number> {
  return parseCpuList(readKernelText(libc, ONLINE_PATH));
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
