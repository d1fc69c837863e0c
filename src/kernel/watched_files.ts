/** Tells the BPF side which file is the host's /etc/passwd, and keeps that true. @module */
import type { BpfProgram } from "../libbpf/program.ts";
import { cString, type Libc } from "./libc.ts";

const O_PATH = 0o10000000;
const O_DIRECTORY = 0o200000;
const O_CLOEXEC = 0o2000000;

/**
 * Has the program `watch_passwd` look at descriptors of /etc and /etc/passwd in this process: what
 * stat(2) tells of them is not on every filesystem what a hook sees. Called again each second, it
 * follows a /etc that was itself replaced. Returns whether /etc could be told.
 */
export function watchPasswd(libc: Libc, program: BpfProgram): boolean {
  const directory = openPath(libc, "/etc", O_DIRECTORY);
  const file = openPath(libc, "/etc/passwd", 0);
  try {
    return program.testRun(
      new Uint8Array(BigInt64Array.of(BigInt(directory), BigInt(file)).buffer),
    ) === 0;
  } finally {
    for (const fd of [directory, file]) if (fd >= 0) libc.symbols.close(fd);
  }
}

function openPath(libc: Libc, path: string, flags: number): number {
  return libc.symbols.open(cString(path), O_PATH | O_CLOEXEC | flags);
}
