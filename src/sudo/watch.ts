/** Watches calls of sudo, where the agent sees enough to tell how they end. @module */
import type { Config } from "../config.ts";
import type { Drain } from "../events/drain.ts";
import type { Libc } from "../kernel/libc.ts";
import { readLink } from "../kernel/read_link.ts";
import { UserNames } from "../kernel/users.ts";
import type { Log } from "../log.ts";
import { logSudo } from "./describe.ts";
import { SudoSessions } from "./sessions.ts";

const ESRCH = 3;
/** Of the initial process namespace (include/linux/proc_ns.h): events have the pids of that one. */
const INITIAL_PIDS = "pid:[4026531836]";

/** Undefined where execs, or some of them, do not come out of the kernel with all they hold. */
export function watchSudo(config: Config, libc: Libc, log: Log): SudoSessions | undefined {
  const { comm, uid, pid } = config.filter;
  const isFiltered = comm.length + uid.length + pid.length > 0;
  const isRead = config.output !== "none" || config.recording !== undefined;
  const isTold = isRead && config.events.includes("exec");
  if (isFiltered || !isTold || config.args === "none" || !knowsPids(libc)) return undefined;
  const users = new UserNames(libc);
  return new SudoSessions({
    userName: (uid) => users.of(uid),
    tell: (outcome) => logSudo(log, outcome),
  });
}

/** Looks, each second, which calls have ended; `untold` is how many execs were ever lost or missed. */
export function tickSudo(sudo: SudoSessions, libc: Libc, drain: Drain, untold: number): void {
  sudo.tick({
    isAlive: (pid) => libc.symbols.kill(pid, 0) === 0 || libc.errno() !== ESRCH,
    drained: drain.markDrained(),
    lost: untold,
  });
}

function knowsPids(libc: Libc): boolean {
  return readLink(libc, "/proc/self/ns/pid") === INITIAL_PIDS;
}
