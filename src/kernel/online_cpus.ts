/** Which CPUs run programs just now: some may be taken offline, or come later. @module */
import { errnoName } from "./errno.ts";
import { cString, type Libc } from "./libc.ts";
import { KernelFileError } from "./read_file.ts";

const ONLINE_PATH = "/sys/devices/system/cpu/online";
const O_CLOEXEC = 0o2000000;
/** Bytes of the longest list, as of every other CPU of a thousand. */
const LONGEST = 4096;

/** The list of those that are online, kept open: who looks each second must not open a file each second. */
export class OnlineCpus implements Disposable {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #list = new Uint8Array(LONGEST);

  /** Throws a KernelFileError where there is no sysfs. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = libc.symbols.open(cString(ONLINE_PATH), O_CLOEXEC);
    if (this.#fd < 0) throw new KernelFileError(ONLINE_PATH, errnoName(libc.errno()));
  }

  /** Their numbers as of now. Throws a KernelFileError. */
  read(): ReadonlySet<number> {
    const size = Number(this.#libc.symbols.pread(this.#fd, this.#list, BigInt(LONGEST), 0n));
    if (size < 0) throw new KernelFileError(ONLINE_PATH, errnoName(this.#libc.errno()));
    return parseCpuList(new TextDecoder().decode(this.#list.subarray(0, size)));
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#fd);
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
