/** Where the generator's processes come from, as it told itself and as /proc tells. @module */
import type { Deed, Run } from "./load.ts";

/** A process above another. */
export interface Ancestor {
  readonly pid: number;
  readonly name: Uint8Array;
}

/** What events tell of it; nothing of what is not there. */
export interface ExpectedOrigin {
  /** Parent first, at most five, at most up to pid 1. */
  readonly ancestors: readonly Ancestor[];
  readonly loginUser?: string;
  readonly loginSession?: number;
  readonly tty?: { readonly name: string; readonly major: number; readonly minor: number };
}

const MOST_ANCESTORS = 5;
const PTS_MAJOR = 136;
const NONE = 0xffff_ffff;

/** The origin of the deed of this number; its outer ancestors still run. */
export function originOf(run: Run, index: number): ExpectedOrigin {
  const loginUser = readNumber("/proc/self/loginuid");
  const loginSession = readNumber("/proc/self/sessionid");
  return {
    ancestors: ancestorsOf(run, index),
    ...(loginUser !== undefined && { loginUser: String(loginUser) }),
    ...(loginSession !== undefined && { loginSession }),
    tty: terminal(),
  };
}

function ancestorsOf(run: Run, index: number): readonly Ancestor[] {
  const ancestors: Ancestor[] = [];
  for (let pid = run.deeds[index].ppid; pid > 0 && ancestors.length < MOST_ANCESTORS;) {
    const deed = lastDeedOf(pid, run.deeds.slice(0, index)) ?? lastDeedOf(pid, run.deeds);
    ancestors.push({ pid, name: deed?.name ?? readName(pid) });
    pid = pid === 1 ? 0 : deed?.ppid ?? Number(statOf(pid)[1]);
  }
  return ancestors;
}

/** Told by the process itself, not by another of its threads. */
function lastDeedOf(pid: number, deeds: readonly Deed[]): Deed | undefined {
  return deeds.findLast((deed) => deed.pid === pid && deed.tid === pid);
}

function readName(pid: number): Uint8Array {
  return Deno.readFileSync(`/proc/${pid}/comm`).subarray(0, -1);
}

/** What stands behind a process's name: its state, its parent and so on (proc(5)). */
function statOf(pid: number): readonly string[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** The generator inherits this process's terminal. */
function terminal(): ExpectedOrigin["tty"] {
  const device = Number(statOf(Deno.pid)[4]);
  if (device === 0) return undefined;
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  return { name: major === PTS_MAJOR ? `pts/${minor}` : nameOf(major, minor), major, minor };
}

function nameOf(major: number, minor: number): string {
  const target = Deno.readLinkSync(`/sys/dev/char/${major}:${minor}`);
  return target.slice(target.lastIndexOf("/") + 1);
}

/** Undefined where the kernel does not keep it, and for nobody. */
function readNumber(path: string): number | undefined {
  try {
    const number = Number(Deno.readTextFileSync(path));
    return number === NONE ? undefined : number;
  } catch {
    return undefined;
  }
}
