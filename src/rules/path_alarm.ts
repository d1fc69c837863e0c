/** Hears when names come, go or change in the directories that lead to exact paths. @module */
import { cString, type Libc } from "../kernel/libc.ts";

/**
 * An inotify descriptor, which costs nothing while nothing happens there. What it tells is not looked
 * at: names are looked up anew whatever happened. It hears neither of mounts, nor of directories that
 * this process may not read, nor of those that a link leads through.
 */
export class PathAlarm implements Disposable {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #told = new Uint8Array(Number(TOLD_SIZE));
  #watches: ReadonlySet<number> = new Set();

  /** Where the kernel gives no descriptor, it hears nothing. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#descriptor = libc.symbols.inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  }

  /** Readable when something has happened; undefined where it hears nothing. */
  get descriptor(): number | undefined {
    return this.#descriptor < 0 ? undefined : this.#descriptor;
  }

  /** Listens in all directories that lead to these paths and are there, and in no others. */
  listen(paths: readonly string[]): void {
    if (this.#descriptor < 0) return;
    const { inotify_add_watch, inotify_rm_watch } = this.#libc.symbols;
    const watches = new Set(
      directoriesTo(paths).map((path) => inotify_add_watch(this.#descriptor, cString(path), NAMES)),
    );
    for (const old of this.#watches) {
      if (!watches.has(old)) inotify_rm_watch(this.#descriptor, old);
    }
    watches.delete(NONE);
    this.#watches = watches;
  }

  /** Whether something has happened since the last time. */
  rang(): boolean {
    if (this.#descriptor < 0) return false;
    return this.#libc.symbols.read(this.#descriptor, this.#told, TOLD_SIZE) > 0n;
  }

  [Symbol.dispose](): void {
    if (this.#descriptor >= 0) this.#libc.symbols.close(this.#descriptor);
  }
}

/** Each once, and each before those that it leads to: what comes meanwhile is then heard of. */
export function directoriesTo(paths: readonly string[]): readonly string[] {
  const directories = new Set(["/"]);
  for (const path of paths) {
    for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1)) {
      directories.add(path.slice(0, at));
    }
  }
  return [...directories];
}

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
const IN_MOVED = 0x40 | 0x80;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const IN_ONLYDIR = 0x1000000;
const NAMES = IN_MOVED | IN_CREATE | IN_DELETE | IN_ONLYDIR;
/** What inotify_add_watch(2) returns where a directory is not there, or not to be read. */
const NONE = -1;
/** Some hundred changes; what is left over is told the next time. */
const TOLD_SIZE = 16_384n;
