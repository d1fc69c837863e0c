/** Where links lead, /proc's among them, which Deno tells nobody without every permission. @module */
import { cString, type Libc } from "./libc.ts";

/** No path is longer (linux/limits.h). */
const PATH_MAX = 4096;

/** What a link holds; undefined where there is no link, or none that may be read. */
export function readLink(libc: Libc, path: string): string | undefined {
  const target = new Uint8Array(PATH_MAX);
  const size = Number(libc.symbols.readlink(cString(path), target, BigInt(PATH_MAX)));
  return size < 0 ? undefined : new TextDecoder().decode(target.subarray(0, size));
}
