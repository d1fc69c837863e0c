/** A file's bytes to a tree. @module */
import type { Problems } from "./problems.ts";
import { decodeText } from "./text.ts";
import type { Tree } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

/** A file's bytes and what it is called. */
export interface FileBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a file holds; undefined where it is empty, or wrong beyond use: `problems` has it. */
export function readTree({ name, bytes }: FileBytes, problems: Problems): Tree | undefined {
  problems.reading(name);
  const text = decodeText(bytes, name, problems);
  return text === undefined ? undefined : parseYaml(text, name, problems);
}
