/** What the adversary did on each road, as it reports it. @module */
import { decodeHex, decodeText } from "../harness/bytes.ts";

/** A file as the kernel tells it to others than the agent, by /proc and stat(2). */
export interface OpenedFile {
  readonly inode: string;
  /** `major:minor`. */
  readonly device: string;
  /** As the machine sees it, without the mark of a deleted name. */
  readonly path: string;
  readonly deleted: boolean;
  /** As a process sees it whose root directory is another one; undefined where it is outside. */
  readonly viewed?: string;
  readonly outside: boolean;
}

/** What was done on a road; `pid` is of the process that did it. */
export type Account =
  & { readonly kind: "open" | "exec"; readonly road: string; readonly pid: number }
  & (
    | {
      readonly did: "opens"; /** The file of each, in order. */
      readonly opens: readonly OpenedFile[];
    }
    | {
      readonly did: "execution";
      /** The program that runs; undefined where the attempt failed. */
      readonly executable?: string;
    }
    | { /** This kernel has no such road. */ readonly did: "nothing" }
  );

/** Reads the report, a JSON object a line. */
export function readAccounts(text: string): readonly Account[] {
  return text.split("\n").filter((line) => line !== "").map((line) => toAccount(JSON.parse(line)));
}

interface Line {
  readonly kind: "open" | "exec";
  readonly road: string;
  readonly pid: number;
  readonly absent?: string;
  readonly error?: number;
  readonly executable?: string;
  readonly root?: string;
  readonly opens?: string;
  readonly files?: readonly { readonly inode: string; readonly device: string; path: string }[];
}

function toAccount(line: Line): Account {
  const { kind, road, pid, absent, error, root = "", opens = "", files } = line;
  if (absent !== undefined) return { kind, road, pid, did: "nothing" };
  if (files === undefined) {
    if (error !== 0) return { kind, road, pid, did: "execution" };
    const { path } = split(text(line.executable));
    // A program in memory has a name and no path; /proc makes one of it.
    const executable = path.replace(/^\/memfd:/, "memfd:");
    return { kind, road, pid, did: "execution", executable };
  }
  const opened = files.map(({ inode, device, path }) => ({
    inode,
    device,
    ...split(text(path)),
    ...viewFrom(text(root), split(text(path)).path),
  }));
  const all = [...opens].map((index) => opened[Number(index)]);
  return { kind, road, pid, did: "opens", opens: all.filter((file) => file !== undefined) };
}

function text(hex = ""): string {
  return decodeText(decodeHex(hex));
}

const DELETED = " (deleted)";

function split(link: string): Pick<OpenedFile, "path" | "deleted"> {
  const deleted = link.endsWith(DELETED);
  return { path: deleted ? link.slice(0, -DELETED.length) : link, deleted };
}

function viewFrom(root: string, path: string): Pick<OpenedFile, "viewed" | "outside"> {
  if (root === "/") return { outside: false };
  const inside = path.startsWith(`${root}/`);
  return inside ? { viewed: path.slice(root.length), outside: false } : { outside: true };
}
