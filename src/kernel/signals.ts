/** What a signal does to this process where Deno does not let a program decide. @module */

const SIGUSR1 = 10;
/** `SIG_IGN`, a handler by its address. */
const IGNORE = 1n;

/** As in signal.h: a handler is a pointer to a function. */
export const SIGNAL_SYMBOLS = {
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Has SIGUSR1 ignored from here on. Deno 2.9.2 and later open a debugger's port on it, half a second
 * after their start and also where a program listens for it; earlier ones end.
 *
 * Deno puts its handler into the kernel when a signal is first listened for, and never again. So it
 * is made to do that now, and what comes after stays.
 */
export function ignoreSigusr1(): void {
  const listener = () => {};
  Deno.addSignalListener("SIGUSR1", listener);
  Deno.removeSignalListener("SIGUSR1", listener);
  const libc = Deno.dlopen("libc.so.6", SIGNAL_SYMBOLS);
  // It fails for numbers that are no signals only.
  libc.symbols.signal(SIGUSR1, Deno.UnsafePointer.create(IGNORE));
  libc.close();
}
