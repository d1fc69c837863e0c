/** Which CPUs run programs just now: some may be taken offline, or come later. @module */
import type { Libc } from "./libc.ts";
import { KernelFile } from "./read_file.ts";

const ONLINE_PATH = "/sys/devices/system/cpu/online";
/** Bytes of the longest list, as of every other CPU of a thousand. */
const LONGEST = 4096;

/** The list of those that are online, kept open: who looks each second must not open a file each second. */
export class OnlineCpus implements Disposable {
  readonly #file: KernelFile;
  readonly #list = new Uint8Array(LONGEST);

  /** Throws a KernelFileError where there is no sysfs. */
  constructor(libc: Libc) {
    this.#file = new KernelFile(libc, ONLINE_PATH);
  }

  /** Their numbers as of now. Throws a KernelFileError. */
  read(): ReadonlySet<number> {
    const size = this.#file.read(this.#list, 0);
    return parseCpuList(new TextDecoder().decode(this.#list.subarray(0, size)));
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
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
