/** Names of users. @module */
import type { Libc } from "./libc.ts";
import { KernelFileError, readKernelText } from "./read_file.ts";
import { statusOf } from "./status.ts";

const PASSWD = "/etc/passwd";
/** useradd(8) makes no longer ones. */
const LONGEST_NAME = 32;

/** Looks users up in the machine's own list, which is read only where it has changed. */
export class UserNames {
  readonly #libc: Libc;
  readonly #path: string;
  #names: ReadonlyMap<number, string> = new Map();
  #version = "";

  constructor(libc: Libc, path = PASSWD) {
    this.#libc = libc;
    this.#path = path;
  }

  /** The first name of a user, or the number where it has none there. */
  of(uid: number): string {
    this.#refresh();
    return this.#names.get(uid) ?? String(uid);
  }

  /** Each time the file is opened counts as an open and as a read of it; stat(2) does not. */
  #refresh(): void {
    const version = versionOf(this.#libc, this.#path);
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#names = parseUsers(readKernelText(this.#libc, this.#path));
    } catch (error) {
      if (!(error instanceof KernelFileError)) throw error;
      this.#names = new Map();
    }
  }
}

/** Names by number in the text of a passwd(5). */
export function parseUsers(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [, name = "", uid = ""] = /^([^:#]+):[^:]*:(\d+):/.exec(line) ?? [];
    if (name === "" || name.length > LONGEST_NAME || names.has(Number(uid))) continue;
    names.set(Number(uid), name);
  }
  return names;
}

/** Another text once the list is another one; empty where there is none. */
function versionOf(libc: Libc, path: string): string {
  const status = statusOf(libc, path);
  if (status === undefined) return "";
  const { device, inode, size, modifiedAt, changedAt } = status;
  return [device, inode, size, modifiedAt, changedAt].join(" ");
}
