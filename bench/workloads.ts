/** Real programs, whose speed matters to those who run them. @module */
import { runProgram } from "./tools/running.ts";

export interface Workload {
  readonly name: string;
  readonly command: readonly string[];
}

const FOLDERS = 400;
const FILES_EACH = 50;

/** Makes what they work on, once, in a folder. */
export async function makeWorkloads(folder: string): Promise<readonly Workload[]> {
  const tree = `${folder}/tree`;
  if (!await exists(tree)) await makeTree(tree);
  const sources = new URL("load/", import.meta.url).pathname;
  return [
    {
      name: "compile",
      command: [
        "sh",
        "-c",
        'for file in "$0"/*.c; do gcc -O2 -c -o /dev/null "$file"; done',
        sources,
      ],
    },
    { name: "git status", command: ["git", "-C", tree, "status", "--porcelain"] },
    { name: "find", command: ["find", "/", "-xdev", "-maxdepth", "6", "-name", "no such name"] },
  ];
}

async function makeTree(tree: string): Promise<void> {
  const made = `${tree}.${Deno.pid}`;
  for (let folder = 0; folder < FOLDERS; folder++) {
    await Deno.mkdir(`${made}/folder-${folder}`, { recursive: true });
    for (let file = 0; file < FILES_EACH; file++) {
      await Deno.writeTextFile(`${made}/folder-${folder}/file-${file}.txt`, `${folder} ${file}\n`);
    }
  }
  await runProgram(["git", "init", "--quiet", made]);
  await runProgram(["git", "-C", made, "add", "."]);
  await Deno.rename(made, tree);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
