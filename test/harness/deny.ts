/** A seccomp filter in front of a command: system calls that fail as they do in hardened services. @module */
import { checkout } from "./checkout.ts";
import { output } from "./process.ts";

/** System calls that are denied in tests, by their numbers on x86-64 and arm64 (there mkdirat). */
const CALLS = {
  io_uring_setup: [425, 425],
  memfd_create: [319, 279],
  mkdir: [83, 34],
  perf_event_open: [298, 241],
} as const;

const ERRNOS = { EPERM: 1, EACCES: 13 } as const;

/** What to put in front of a command so that it finds these calls denied. */
export async function denying(
  errno: keyof typeof ERRNOS,
  ...calls: readonly (keyof typeof CALLS)[]
): Promise<readonly string[]> {
  const column = Deno.build.arch === "x86_64" ? 0 : 1;
  const numbers = calls.map((call) => CALLS[call][column]).join(",");
  return [await compile(), `${ERRNOS[errno]}`, numbers];
}

/** What to put in front of a command so that calls of 32-bit programs are killed. */
export async function nativeOnly(): Promise<readonly string[]> {
  return [await compile(), "native"];
}

/** Compiles the program where its source is newer. */
async function compile(): Promise<string> {
  const source = `${checkout}/test/harness/deny.c`;
  const program = `${checkout}/build/test/deny`;
  const built = await Deno.stat(program).catch(() => undefined);
  if (built && Number(built.mtime) > Number((await Deno.stat(source)).mtime)) return program;
  await Deno.mkdir(`${checkout}/build/test`, { recursive: true });
  await output([
    "gcc",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-o",
    `${program}.${Deno.pid}`,
    source,
  ]);
  await Deno.rename(`${program}.${Deno.pid}`, program);
  return program;
}
