/** Names of errors in events, built once. @module */
import { errnoName } from "../kernel/errno.ts";
import type { Constant } from "./bytes.ts";
import { CachedNames } from "./cached_names.ts";

const CODES = new CachedNames(errnoName);

/** The name of a positive errno. */
export function errorCode(errno: number): Constant {
  return CODES.of(errno);
}
