/** Compiles the C programs that tests run. @module */
import { checkout } from "./checkout.ts";
import { output } from "./process.ts";

/**
 * Static unless a test is about libraries: a dynamic loader opens them, and only what the program does
 * may be seen.
 */
export type Linkage = "static" | "shared";

/** Compiles all C files of a folder of the checkout into one program, where one of them is newer. */
export async function compileFolder(
  folder: string,
  name: string,
  linkage: Linkage = "static",
): Promise<string> {
  const source = `${checkout}/${folder}`;
  const program = `${checkout}/build/test/${name}`;
  const built = await Deno.stat(program).catch(() => undefined);
  const files = [...Deno.readDirSync(source)].map((entry) => `${source}/${entry.name}`)
    .filter((file) => /\.[ch]$/.test(file));
  const newest = Math.max(...files.map((file) => Number(Deno.statSync(file).mtime)));
  if (built && Number(built.mtime) > newest) return program;
  await Deno.mkdir(`${checkout}/build/test`, { recursive: true });
  const units = files.filter((file) => file.endsWith(".c"));
  const options = ["-O2", "-Wall", "-Wextra", "-Werror", "-pthread"];
  if (linkage === "static") options.push("-static");
  const made = `${program}.${Deno.pid}`;
  await output(["gcc", ...options, "-o", made, ...units]);
  await Deno.rename(made, program);
  return program;
}
