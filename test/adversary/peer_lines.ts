/** Reads what opensnoop and execsnoop print, and says what of a road they told. @module */
import type { Account } from "./accounts.ts";

/** A line of theirs. */
export interface PeerLine {
  readonly pid: number;
  /** The path, or for a program its name and arguments. */
  readonly text: string;
}

/** Both tools of a kind print these columns, besides some others. */
const PATTERNS: Readonly<Record<"open" | "exec", readonly RegExp[]>> = {
  // PID COMM FD ERR PATH
  open: [/^(?<pid>\d+)\s+\S+\s+-?\d+\s+\d+ (?<text>.*)$/],
  // PCOMM PID PPID RET ARGS, or TIME PID ARGS
  exec: [/^\S+\s+(?<pid>\d+)\s+\d+\s+-?\d+ (?<text>.*)$/, /^\d+\s+(?<pid>\d+)\s+(?<text>.*)$/],
};

/** Reads the lines that tell of something. */
export function readPeer(kind: "open" | "exec", output: string): readonly PeerLine[] {
  return output.split("\n").flatMap((line) => {
    const groups = PATTERNS[kind].map((pattern) => pattern.exec(line)?.groups).find((it) => it);
    return groups === undefined ? [] : [{ pid: Number(groups.pid), text: groups.text ?? "" }];
  });
}

/** `path`: told with the path that it is; `name`: told, with another one; or how many of many. */
export function verdictOn(account: Account, lines: readonly PeerLine[]): string {
  const own = lines.filter(({ pid }) => pid === account.pid);
  switch (account.did) {
    case "nothing":
      return "none";
    case "execution": {
      if (own.length === 0) return "missed";
      const { executable } = account;
      const told = executable !== undefined &&
        own.some(({ text }) => text.split(" ").includes(executable));
      return told ? "path" : "name";
    }
    case "opens": {
      const { opens } = account;
      if (own.length === 0) return "missed";
      if (own.length !== opens.length) return `${own.length} of ${opens.length} told`;
      const right = own.filter(({ text }, index) => text === opens[index]?.path).length;
      if (right === opens.length) return "path";
      return opens.length > 2 ? `path of ${right} of ${opens.length}` : "name";
    }
  }
}
